import { judgeGrants } from '../checkers/grants.ts';
import type { PoisonOrders } from '../processes/poison.ts';
import { defineRow } from '../row.ts';
import type { RowContext } from '../row.ts';
import { addTasks, openScene, settleRows, waitUntil } from '../scene.ts';
import type { Scene } from '../scene.ts';

type Names =
  | 'poison'
  | 'endless'
  | 'agents-per-process'
  | 'max-attempts'
  | 'lease-ms'
  | 'silence-ms'
  | 'claim-ms'
  | 'timeout-ms';
type Context = RowContext<Names>;

const PROCESSES_MAX = 500;

const task = (capability: string) => (_: unknown, at: number) => ({
  key: `${capability}-${at}`,
  title: `${capability} ${at}`,
  requires: [{ name: capability }],
});

const ordersOf = (
  { sizes }: Context,
  scene: Scene,
  kind: PoisonOrders['kind'],
  agentIds: string[],
): string => {
  const orders: PoisonOrders = {
    url: scene.hub.url,
    token: scene.hub.token,
    projectId: scene.projectId,
    agentIds,
    capability: kind,
    leaseMs: sizes['lease-ms'],
    kind,
  };
  return JSON.stringify(orders);
};

/** Processes whose agents take tasks are killed as soon as they hold them, until no task is left to take. */
const killUntilParked = async (context: Context, scene: Scene, until: number): Promise<number> => {
  const { sizes, stage } = context;
  const parked = async (): Promise<number> =>
    (await scene.database.tasks(scene.projectId)).filter(
      ({ key, status }) => key?.startsWith('dying') && status === 'failed',
    ).length;
  let processes = 0;
  while ((await parked()) < sizes.poison && processes < PROCESSES_MAX && Date.now() < until) {
    const life = processes++;
    // Every second incarnation has the names of one before: its registration replaces a session that still runs.
    const names = life % 2 === 0 ? life : life - 1;
    const agentIds = Array.from({ length: sizes['agents-per-process'] }, (_, at) => `dying-${names}-${at}`);
    const actor = stage.start('poison-main', [ordersOf(context, scene, 'dying', agentIds)]);
    await actor.message('holding');
    actor.signal('SIGKILL');
    await actor.exited;
  }
  return processes;
};

export const t06 = defineRow<Names>({
  name: 'T06',
  summary: 'poison: tasks whose agents die each time, and agents that never finish, end parked for a human',
  sizes: {
    poison: [50, 10],
    endless: [10, 2],
    'agents-per-process': [10, 10],
    'max-attempts': [5, 3],
    'lease-ms': [1_000, 1_000],
    'silence-ms': [1_000, 1_000],
    'claim-ms': [4_000, 4_000],
    'timeout-ms': [180_000, 90_000],
  },
  run: async (context) => {
    const { sizes, stage } = context;
    const until = Date.now() + sizes['timeout-ms'];
    const scene = await openScene(stage, {
      maxAttempts: sizes['max-attempts'],
      silenceMs: sizes['silence-ms'],
      claimMs: sizes['claim-ms'],
    });
    const { database, projectId } = scene;
    await addTasks(scene, [
      ...Array.from({ length: sizes.poison }, task('dying')),
      ...Array.from({ length: sizes.endless }, task('clinging')),
    ]);
    const clingers = Array.from({ length: sizes.endless }, (_, at) => `clinging-${at}`);
    const clinging = stage.start('poison-main', [ordersOf(context, scene, 'clinging', clingers)]);
    await clinging.message('started');
    const processes = await killUntilParked(context, scene, until);
    const total = sizes.poison + sizes.endless;
    await waitUntil(
      async () => (await database.countTasks(projectId, 'failed')) === total,
      until - Date.now(),
    );
    clinging.signal('SIGKILL');
    await settleRows(scene);
    const rows = await database.tasks(projectId);
    const grants = judgeGrants(await database.log(projectId));
    const attempts: Record<string, number> = {};
    for (const { attempts: made } of rows) attempts[made] = (attempts[made] ?? 0) + 1;
    const ended: Record<string, number> = {};
    for (const { endedBy = 'open' } of grants.all) ended[endedBy] = (ended[endedBy] ?? 0) + 1;
    const parked = rows.filter(({ status }) => status === 'failed').length;
    const figures = {
      poison: sizes.poison,
      endless: sizes.endless,
      parked,
      stuck: rows.filter(({ status }) => status === 'claimed').length,
      unparked: rows.length - parked,
      attemptsOfEach: attempts,
      maxAttempts: sizes['max-attempts'],
      grants: grants.all.length,
      doubleGrants: grants.doubleGrants,
      endedBy: ended,
      processesKilled: processes,
    };
    const isExact = attempts[sizes['max-attempts']] === total;
    return {
      ...figures,
      passed: parked === total && figures.stuck === 0 && isExact && grants.doubleGrants === 0,
    };
  },
});
