import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { Uuid } from '@agentmix/act-contract';
import { defineCommand, jsonOption } from '../cli/command.ts';
import { Failure, usageFailure } from '../cli/failure.ts';
import { connect, hubOptions } from '../connection/connect.ts';
import type { Connection } from '../connection/connect.ts';
import { listProjects, projectsNamed } from '../connection/find-project.ts';
import { printReport } from '../import/report.ts';
import { sendPlan, tallyItems } from '../import/send-plan.ts';
import type { Sent } from '../import/send-plan.ts';
import { toWirePlan } from '../import/wire-plan.ts';
import type { WirePlan } from '../import/wire-plan.ts';
import { PlanError, readPlan } from '../plan/index.ts';
import type { Plan, PlanFormat } from '../plan/index.ts';
import { makeProgressLine } from '../terminal/progress-line.ts';

const FORMATS: readonly PlanFormat[] = ['act', 'beads', 'taskmaster', 'markdown'];

const formatOf = (text: string | undefined): PlanFormat | undefined => {
  const found = FORMATS.find((format) => format === text);
  if (text !== undefined && found === undefined)
    throw usageFailure(`--format is one of ${FORMATS.join(', ')}`);
  return found;
};

const readFileText = async (file: string): Promise<string> => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file));
  } catch (error) {
    if (error instanceof TypeError)
      throw new Failure(`${file}: is not text in UTF-8; nothing was imported`, { code: 'plan_unreadable' });
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const reason =
      code === 'ENOENT' ? 'there is no such file' : String(error instanceof Error ? error.message : error);
    throw new Failure(`${file}: ${reason}`, { code: 'file_unreadable' });
  }
};

const readPlanFile = async (file: string, format: PlanFormat | undefined): Promise<Plan> => {
  const text = await readFileText(file);
  try {
    return readPlan(text, { fileName: basename(file), ...(format === undefined ? {} : { format }) });
  } catch (error) {
    if (!(error instanceof PlanError)) throw error;
    throw new Failure(`${file}: ${error.message}`, {
      code: 'plan_unreadable',
      hint: 'nothing was imported; correct the file and import it again',
      ...(error.line === undefined ? {} : { data: { line: error.line } }),
    });
  }
};

const findOrCreate = async (
  connection: Connection,
  wanted: string,
): Promise<{ id: string; name: string; isNew: boolean }> => {
  const found = projectsNamed(await listProjects(connection), wanted);
  const [only] = found;
  if (found.length > 1)
    throw new Failure(`${found.length} projects are named ${wanted}`, {
      code: 'project_ambiguous',
      hint: `give the id:\n${found.map(({ id }) => id).join('\n')}`,
    });
  if (only) return { id: only.id, name: only.name, isNew: false };
  // An id is never meant as the name of a new project.
  if (Uuid.safeParse(wanted).success)
    throw new Failure(`there is no project ${wanted}`, {
      code: 'project_not_found',
      hint: 'see: act project list',
    });
  const { projectId } = await connection.command('the project was not created', 'project.create', undefined, {
    name: wanted,
  });
  return { id: projectId, name: wanted, isNew: true };
};

/** What would be sent, as if the project were empty. */
const unsent = (wire: WirePlan): Sent => ({
  tasks: { created: wire.tasks.length, updated: 0, unchanged: 0 },
  phases: { created: wire.phases.length, updated: 0, unchanged: 0 },
  edges: wire.tasks.reduce((sum, { dependsOn }) => sum + (dependsOn?.length ?? 0), 0),
});

const nameFor = (plan: Plan, file: string): string =>
  plan.name ?? (basename(file).replace(/\.[^.]+$/, '') || basename(file));

export const planImport = defineCommand({
  name: 'plan import',
  summary: 'Bring the tasks of a plan file into a project.',
  positionals: [
    { name: 'FILE', summary: 'a plan of ACT (YAML, JSON), Beads (.jsonl), Taskmaster (.json) or Markdown' },
  ],
  options: {
    project: {
      type: 'string',
      hint: 'NAME|ID',
      summary: 'created if missing (else ACT_PROJECT, else the name of the plan or of the file)',
    },
    'as-new': { type: 'boolean', summary: 'every task open, whatever the file says' },
    'dry-run': { type: 'boolean', summary: 'read and check the file, send nothing' },
    format: { type: 'string', hint: FORMATS.join('|'), summary: 'instead of telling it by name and text' },
    verbose: { type: 'boolean', summary: 'every item left out, and every note' },
    ...hubOptions,
    ...jsonOption,
  },
  details: [
    'Tasks are known by their keys: importing a changed file again brings the project up to date, importing the same file',
    'again changes nothing. A file that is cut off or contradicts itself is refused as a whole, with the line.',
    'In the JSON, imported + updated + unchanged is counts.importedItems, and that plus skippedItems is counts.items.',
  ],
  examples: [
    'act plan import plan.yaml',
    'act plan import .beads/issues.jsonl --project backend',
    'act plan import TODO.md --dry-run',
  ],
  async run({ values, positionals: [file = ''], output, surroundings }) {
    const startedAt = performance.now();
    const plan = await readPlanFile(file, formatOf(values.format));
    const wire = toWirePlan(plan, values['as-new'] ?? false);
    const wanted = values.project ?? (surroundings.env['ACT_PROJECT'] || nameFor(plan, file));
    const isDryRun = values['dry-run'] ?? false;
    const report = (project: { id?: string; name: string; isNew: boolean }, sent: Sent): void =>
      printReport(
        {
          plan,
          notes: wire.notes,
          project,
          sent,
          items: tallyItems(sent, plan.counts.importedItems),
          isDryRun,
          isVerbose: values.verbose ?? false,
          ms: performance.now() - startedAt,
        },
        output,
      );
    if (isDryRun) {
      report({ name: wanted, isNew: true }, unsent(wire));
      return;
    }
    const connection = await connect(values, surroundings);
    const project = await findOrCreate(connection, wanted);
    const progress = makeProgressLine('importing', surroundings.errorStyle);
    try {
      const sent = await sendPlan(connection, project.id, wire, (done, total) => progress.show(done, total));
      progress.clear();
      report(project, sent);
    } finally {
      progress.clear();
    }
  },
});
