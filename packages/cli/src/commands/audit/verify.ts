import { makeAuditWatcher } from '@agentmix/act-client';
import type { AuditChecked, HeadKeeper } from '@agentmix/act-client';
import { headFile, makeHeadFile } from '../../audit/head-file.ts';
import { nodeSha256 } from '../../audit/node-sha256.ts';
import { verifyExport } from '../../audit/verify-export.ts';
import { defineCommand, jsonOption } from '../../cli/command.ts';
import { EXIT } from '../../cli/failure.ts';
import type { ExitCode } from '../../cli/failure.ts';
import type { Output } from '../../cli/output.ts';
import { valueOf } from '../../connection/connect.ts';
import { connectProject, projectOptions } from '../../connection/find-project.ts';
import type { ProjectConnection } from '../../connection/find-project.ts';
import { printable } from '../../terminal/printable.ts';

const rate = (events: number, startedAt: number): number =>
  Math.round(events / Math.max(0.001, (performance.now() - startedAt) / 1_000));

const tell = (output: Output, projectId: string, checked: AuditChecked, startedAt: number): ExitCode => {
  if (!checked.ok) {
    const { kind, detail, seq } = checked.finding;
    output.json({ ok: false, projectId, ...checked.finding });
    output.line(output.style.red(`${kind}${seq === undefined ? '' : ` from ${seq}`}: ${printable(detail)}`));
    return EXIT.failed;
  }
  const { head, records, events, from } = checked;
  const eventsPerSecond = rate(events, startedAt);
  output.json({ ok: true, projectId, records, events, from, head, eventsPerSecond });
  output.line(
    from === undefined
      ? `the head at ${head.lastSeq} fits the kept one; the records are for coordinators to read`
      : `${from}..${head.lastSeq} is one chain: ${records} records, ${events} events (${eventsPerSecond} a second)`,
    output.style.dim(`the head at ${head.lastSeq} is kept`),
  );
  return EXIT.ok;
};

const verifyFile = async (output: Output, file: string, keeper: HeadKeeper): Promise<ExitCode> => {
  const startedAt = performance.now();
  const { projectId, firstSeq, result, kept } = await verifyExport(file, keeper);
  if (!result.ok) {
    output.json({ ...result, projectId });
    output.line(output.style.red(`broken from ${result.firstSeq}: ${printable(result.detail)}`));
    return EXIT.failed;
  }
  const { events, records, end } = result;
  const eventsPerSecond = rate(events, startedAt);
  output.json({ ok: true, projectId, from: firstSeq, records, events, end, kept, eventsPerSecond });
  output.line(
    `${firstSeq ?? 0}..${end.lastSeq} is one chain: ${records} records, ${events} events (${eventsPerSecond} a second)`,
  );
  if (kept && !kept.isReached) output.remark(`the kept head is at ${kept.lastSeq}, beyond this export`);
  return EXIT.ok;
};

const verifyHub = async (
  output: Output,
  { hub, project }: ProjectConnection,
  keeper: HeadKeeper,
): Promise<ExitCode> => {
  const startedAt = performance.now();
  const watcher = makeAuditWatcher({ hub, keeper, sha256: nodeSha256, isThorough: true });
  const checked = valueOf('the log was not verified', await watcher.check(project.id));
  return tell(output, project.id, checked, startedAt);
};

export const verify = defineCommand({
  name: 'audit verify',
  summary: 'Check that a project’s log is one unbroken chain and continues what was seen before.',
  options: {
    export: { type: 'string', hint: 'FILE', summary: 'an export instead of a hub’s log' },
    heads: {
      type: 'string',
      hint: 'FILE',
      summary: 'where checked heads are kept (default: act/audit-heads.json in the user’s configuration)',
    },
    ...projectOptions,
    ...jsonOption,
  },
  details: [
    'A chain alone shows edits, deletions and insertions. That nothing was cut off or written anew as a whole shows',
    'only a head that was kept before: run it regularly, and keep the heads where the hub’s operator cannot write.',
    'Exits with 1 where something does not fit, and says from which position on.',
  ],
  examples: ['act audit verify', 'act audit verify --export log.jsonl'],
  async run({ values, output, surroundings }) {
    const keeper = makeHeadFile(values.heads ?? headFile(surroundings.env));
    if (values.export !== undefined) return verifyFile(output, values.export, keeper);
    return verifyHub(output, await connectProject(values, surroundings), keeper);
  },
});
