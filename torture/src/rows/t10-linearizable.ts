import { setTimeout as sleep } from 'node:timers/promises';
import { buildChecker, judgeHistories, misjudgedFixtures, operationsOf } from '../checkers/linearizable.ts';
import { contend } from '../contenders.ts';
import { readHistory } from '../history/read.ts';
import { defineRow } from '../row.ts';
import type { RowContext } from '../row.ts';
import { openFleetScene } from '../scene.ts';
import type { FleetScene } from '../scene.ts';

type Names =
  | 'histories'
  | 'at-once'
  | 'operations'
  | 'hubs'
  | 'contenders'
  | 'tasks'
  | 'calm-ms-max'
  | 'database-share';
type Context = RowContext<Names>;

/** Kills hubs, and now and then the database, until it is told to stop. How often. */
const startKiller = ({ sizes }: Context, { hub }: FleetScene) => {
  let isStopping = false;
  const kills = { hubs: 0, database: 0 };
  const killing = (async (): Promise<void> => {
    for (;;) {
      await sleep(Math.random() * sizes['calm-ms-max']);
      if (isStopping) return;
      const withDatabase = (kills.hubs + kills.database) % sizes['database-share'] === 0;
      kills[withDatabase ? 'database' : 'hubs']++;
      await hub.killAndRestart(withDatabase);
    }
  })();
  return {
    stop: async () => {
      isStopping = true;
      await killing;
      return kills;
    },
  };
};

/** A project of its own for each history: its tasks, and callers that contend for them. */
const makeHistory = async ({ sizes, stage }: Context, { hub, quiet }: FleetScene): Promise<string> => {
  const created = await quiet.command('project.create', undefined, { name: 'contended' });
  if (!created.ok) throw new Error(`no project: ${created.refusal.code}`);
  const { projectId } = created.value;
  const taskIds: string[] = [];
  for (let at = 0; at < sizes.tasks; at++) {
    const task = await quiet.command('task.create', projectId, { title: `task ${at}` });
    if (!task.ok) throw new Error(`no task: ${task.refusal.code}`);
    taskIds.push(task.value.taskId);
  }
  const { contenders, operations } = sizes;
  await contend({
    stageDir: stage.dir,
    address: hub,
    hub: quiet,
    projectId,
    taskIds,
    contenders,
    operations,
  });
  return projectId;
};

const makeHistories = async (context: Context, scene: FleetScene): Promise<string[]> => {
  const projectIds: string[] = [];
  let left = context.sizes.histories;
  const make = async (): Promise<void> => {
    while (left-- > 0) {
      projectIds.push(await makeHistory(context, scene));
      if (projectIds.length % 10 === 0) context.log(`${projectIds.length} histories`);
    }
  };
  await Promise.all(Array.from({ length: context.sizes['at-once'] }, make));
  return projectIds;
};

export const t10 = defineRow<Names>({
  name: 'T10',
  summary:
    'claims are linearizable: porcupine judges histories taken while hubs and their database are killed',
  sizes: {
    histories: [200, 2],
    'at-once': [8, 2],
    operations: [2_000, 2_000],
    hubs: [3, 2],
    contenders: [6, 6],
    tasks: [12, 12],
    'calm-ms-max': [3_000, 3_000],
    'database-share': [4, 4],
  },
  run: async (context) => {
    const { stage, log } = context;
    const checker = await buildChecker(stage.dir, log);
    const misjudged = await misjudgedFixtures(checker);
    const scene = await openFleetScene(stage, context.sizes.hubs, {});
    const killer = startKiller(context, scene);
    const projectIds = await makeHistories(context, scene);
    const kills = await killer.stop();
    log('judging');
    const { calls } = await readHistory(stage.dir);
    const histories = projectIds.map((name) => ({
      name,
      operations: operationsOf(calls.filter(({ process }) => process.startsWith(name))),
    }));
    const verdicts = await judgeHistories(checker, histories);
    const count = (wanted: string): number => verdicts.filter(({ verdict }) => verdict === wanted).length;
    const outcomes = histories.flatMap(({ operations }) => operations.map(({ outcome }) => outcome));
    const figures = {
      histories: histories.length,
      linearizable: count('ok'),
      illegal: verdicts.filter(({ verdict }) => verdict === 'illegal').map(({ name }) => name),
      undecided: count('unknown'),
      misjudgedFixtures: misjudged,
      operations: outcomes.length,
      shortest: Math.min(...histories.map(({ operations }) => operations.length)),
      unknown: outcomes.filter((outcome) => outcome === 'unknown').length,
      hubKills: kills.hubs,
      databaseKills: kills.database,
    };
    const passed = figures.linearizable === context.sizes.histories && misjudged.length === 0;
    return { ...figures, passed };
  },
});
