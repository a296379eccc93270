import { mkdir } from 'node:fs/promises';
import { drain } from '../claims/drain.ts';
import { HubCaller } from '../load/hub-caller.ts';
import { withDirectory } from '../load/launch-hub.ts';
import { registerAgent, seedProject } from '../load/project.ts';
import {
  alternate,
  describeHost,
  makePrint,
  median,
  postgresCpuUs,
  processCpuUs,
  publish,
  readFlags,
} from '../measure/index.ts';
import type { Case, CaseReport, CaseResult, Host, Published, Report } from '../measure/index.ts';
import { withFleets } from './fleets.ts';
import type { Fleet } from './fleets.ts';

const DEFAULTS = { rounds: 3, warmup: 1, tasks: 4_000, callers: 64, projects: 32 };
const HOT_RATIO_MIN = 0.8;

type Sizes = typeof DEFAULTS;

export interface ScaleFigures extends Report {
  bench: 'scale';
  host: Host;
  sizes: Sizes;
  /** Claims a second of two hubs ÷ those of one, in one project and in many: medians of the rounds. */
  hotRatio: number;
  manyRatio: number;
  /** The same of the CPU of hubs and database for a claim and its completion. */
  hotCpuRatio: number;
  manyCpuRatio: number;
}

interface Grant {
  readonly taskId: string;
  readonly epoch: number;
}

const cpuOf = (fleet: Fleet, postmasterPid: number) => ({
  node: fleet.reduce((sum, { pid }) => sum + processCpuUs(pid), 0),
  database: postgresCpuUs(postmasterPid),
});

/** Callers claim and complete over REST until nothing is left; each project has callers at every hub. */
async function run(fleet: Fleet, postmasterPid: number, projects: number, sizes: Sizes): Promise<CaseResult> {
  const [first] = fleet;
  if (!first) throw new Error('no hub');
  const seeder = await HubCaller.open(first);
  const perProject = Math.floor(sizes.tasks / projects);
  const projectIds: string[] = [];
  for (let at = 0; at < projects; at++) projectIds.push(await seedProject(seeder, { open: perProject }));
  const callers = await Promise.all(
    Array.from({ length: sizes.callers }, async (_, at) => {
      const agent = Math.floor(at / projects);
      const projectId = projectIds[at % projects] ?? '';
      const caller = await HubCaller.open(fleet[agent % fleet.length] ?? first);
      // Each at its own hub, which has read the project’s tasks then: that is a start, and not what a claim costs.
      return { caller, projectId, sessionId: await registerAgent(caller, projectId, agent) };
    }),
  );
  const callerAt = (at: number) => callers[at] ?? Promise.reject(new Error(`no caller ${at}`));
  const before = cpuOf(fleet, postmasterPid);
  const start = performance.now();
  const { count, latenciesMs } = await drain<Grant>(
    {
      async claim(at) {
        const { caller, projectId, sessionId } = await callerAt(at);
        const { claim } = await caller.command('task.next', projectId, { sessionId });
        return claim && { taskId: claim.taskId, epoch: claim.epoch };
      },
      async complete(at, grant) {
        const { caller, projectId, sessionId } = await callerAt(at);
        await caller.command('task.complete', projectId, { sessionId, ...grant });
      },
    },
    sizes.callers,
  );
  const seconds = (performance.now() - start) / 1_000;
  const after = cpuOf(fleet, postmasterPid);
  for (const { caller } of callers) caller.close();
  for (const projectId of projectIds) {
    const { counts } = await seeder.query('project.snapshot', projectId, {});
    if (counts.completed !== perProject)
      throw new Error(`${counts.completed} of ${perProject} tasks are completed`);
  }
  seeder.close();
  if (count !== perProject * projects) throw new Error(`${count} grants of ${perProject * projects} tasks`);
  return {
    count,
    seconds,
    latenciesMs,
    nodeCpuUs: after.node - before.node,
    dbCpuUs: after.database - before.database,
  };
}

const NAMES = { many: 'many projects', hot: 'one hot project' } as const;

const casesOf = (fleets: readonly Fleet[], postmasterPid: number, sizes: Sizes): Case[] =>
  (['many', 'hot'] as const).flatMap((kind) =>
    fleets.map((fleet) => ({
      name: `${fleet.length === 1 ? 'one hub' : `${fleet.length} hubs`}, ${NAMES[kind]}`,
      run: () => run(fleet, postmasterPid, kind === 'hot' ? 1 : sizes.projects, sizes),
    })),
  );

const ratioOf = (
  { cases }: Report,
  kind: keyof typeof NAMES,
  of: (round: CaseReport['rounds'][number]) => number,
): number => {
  const [one, two] = cases
    .filter(({ name }) => name.endsWith(NAMES[kind]))
    .map(({ rounds }) => rounds.map(of));
  return median((two ?? []).map((value, at) => value / (one?.[at] ?? Number.NaN)));
};

/**
 * `npm run bench -- scale [--json] [--assert] [--rounds N] [--tasks N] [--callers N] [--projects N]`: claims and
 * completions over REST at one hub and at two on one database, in many projects and in one hot one. Hubs and database
 * are processes of their own on this machine; this one makes the load.
 */
export async function runScale(argv: readonly string[]): Promise<Published<ScaleFigures>> {
  const { json, assert, only: _only, data: _data, ...sizes } = readFlags(argv, DEFAULTS);
  const report = await withDirectory(async (directory) => {
    await mkdir(`${directory}/server`, { mode: 0o711 });
    return withFleets(directory, [1, 2], ({ fleets, postmasterPid }) =>
      alternate(casesOf(fleets, postmasterPid, sizes), {
        rounds: sizes.rounds,
        warmupRounds: sizes.warmup,
        unit: 'tasks',
        print: makePrint(json),
      }),
    );
  });
  const rate = ({ perSecond }: { perSecond: number }): number => perSecond;
  const cpu = ({ nodeCpuUs = 0, dbCpuUs = 0 }: { nodeCpuUs?: number; dbCpuUs?: number }): number =>
    nodeCpuUs + dbCpuUs;
  const figures: ScaleFigures = {
    bench: 'scale',
    host: describeHost(),
    sizes,
    hotRatio: ratioOf(report, 'hot', rate),
    manyRatio: ratioOf(report, 'many', rate),
    hotCpuRatio: ratioOf(report, 'hot', cpu),
    manyCpuRatio: ratioOf(report, 'many', cpu),
    ...report,
  };
  const bounds = [
    { figure: 'one hub ÷ two, one hot project', value: 1 / figures.hotRatio, max: 1 / HOT_RATIO_MIN },
  ];
  return publish(figures, bounds, { json, ...(assert && { assert }) });
}
