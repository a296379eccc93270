import { readFile } from 'node:fs/promises';
import { connectHub } from '@agentmix/act-client';
import { defineCommand, jsonOption } from '../cli/command.ts';
import type { Context } from '../cli/command.ts';
import { EXIT, Failure } from '../cli/failure.ts';
import type { Output } from '../cli/output.ts';
import { valueOf } from '../connection/connect.ts';
import { demoFile } from '../demo/assets.ts';
import { play } from '../demo/play.ts';
import type { Played } from '../demo/play.ts';
import { openStage } from '../demo/stage.ts';
import type { Stage } from '../demo/stage.ts';
import { readLog, verify } from '../demo/verify.ts';
import type { Verdict } from '../demo/verify.ts';
import { CAST, LEASE_S } from '../demo/workers.ts';
import { toWirePlan } from '../import/wire-plan.ts';
import { readPlan } from '../plan/index.ts';
import { alignColumns } from '../terminal/columns.ts';
import { printable } from '../terminal/printable.ts';
import { explainStart } from '../up/explain-start.ts';

/** Creates the project and its tasks; returns its id. */
const setScene = async ({ hub }: Stage): Promise<{ projectId: string; name: string; tasks: number }> => {
  const file = demoFile('demo-plan.yaml');
  const plan = readPlan(await readFile(file, 'utf8'), { fileName: file });
  const { phases, tasks } = toWirePlan(plan, true);
  const client = connectHub({ url: hub.url, token: hub.token });
  const name = plan.name ?? 'Demo';
  const { projectId } = valueOf(
    'the demo’s project',
    await client.command('project.create', undefined, { name }),
  );
  valueOf(
    'the demo’s plan',
    await client.command('plan.apply', projectId, { phases: [...phases], tasks: [...tasks] }),
  );
  await client.close();
  return { projectId, name, tasks: tasks.length };
};

const printSummary = (verdict: Verdict, played: Played, ms: number, output: Output): void => {
  const { style } = output;
  const rows = CAST.map(({ agent, kind }) => {
    const tally = verdict.agents.get(agent) ?? { claimed: 0, completed: 0, takenOver: 0 };
    const fate = agent === played.victim ? style.red('killed on the way') : '';
    return [agent, kind, String(tally.completed), String(tally.takenOver), fate];
  });
  const [head = '', ...lines] = alignColumns(
    [['agent', 'kind', 'done', 'taken over', ''], ...rows],
    new Set([2, 3]),
  );
  output.line('', style.bold(head), ...lines, '');
  if (verdict.faults.length === 0)
    output.line(
      `${style.green('✓')} every one of ${verdict.tasks} tasks was completed exactly once (checked against the log: ${verdict.events} events, no gap)`,
      `  in ${style.bold(`${(ms / 1_000).toFixed(1)} s`)}, with one of four agents killed on the way`,
    );
  else output.line(...verdict.faults.map((fault) => `${style.red('✗')} ${printable(fault)}`));
};

const perform = async (
  stage: Stage,
  startedAt: number,
  stop: AbortSignal,
  context: Context<typeof jsonOption>,
): Promise<number> => {
  const { output, surroundings } = context;
  const { hub, tokenFile } = stage;
  const { projectId, name, tasks } = await setScene(stage);
  output.line(
    output.style.dim(
      `a hub at ${hub.url}, project “${printable(name)}”, ${tasks} tasks, four agents with leases of ${LEASE_S} s`,
    ),
    '',
  );
  const { url, token } = hub;
  const played = await play({ url, token, tokenFile, projectId, tasks, output, surroundings, stop });
  const verdict = verify(await readLog(played.hub, projectId, played.lastSeq));
  await played.hub.close();
  const faults = [...verdict.faults];
  if (played.victim === undefined) faults.push('no agent was in the middle of a task to be killed');
  else if (played.takenOverBy === undefined) faults.push('nobody took over the task of the killed agent');
  const ms = performance.now() - startedAt;
  printSummary({ ...verdict, faults }, played, ms, output);
  output.json({
    tasks: verdict.tasks,
    events: verdict.events,
    agents: Object.fromEntries(verdict.agents),
    killed: played.victim,
    takenOverBy: played.takenOverBy,
    exactlyOnce: verdict.faults.length === 0,
    faults,
    ms: Math.round(ms),
  });
  return faults.length === 0 ? EXIT.ok : EXIT.failed;
};

export const demo = defineCommand({
  name: 'demo',
  summary:
    'Four agents do a plan of 40 tasks on a hub of their own; one is killed, and nothing is lost or done twice.',
  options: { ...jsonOption },
  details: [
    'It starts a hub in a temporary directory on a free port, imports examples/demo-plan.yaml, and runs four `act work`',
    'processes. One of them is ended by kill -9 in the middle of a task; after its lease the task is ready again with its',
    'checkpoint, and another agent goes on from there. In the end the event log is checked. It takes about half a minute.',
  ],
  async run(context) {
    const { output } = context;
    const startedAt = performance.now();
    const stop = new AbortController();
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());
    output.line(output.style.dim('starting a hub (the first time it sets up a database, some seconds)'));
    let stage: Stage;
    try {
      stage = await openStage();
    } catch (error) {
      throw explainStart(error, 0);
    }
    try {
      if (stop.signal.aborted) throw new Failure('stopped', { code: 'stopped' });
      return await perform(stage, startedAt, stop.signal, context);
    } finally {
      await stage.close();
    }
  },
});
