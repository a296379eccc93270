import { setTimeout as sleep } from 'node:timers/promises';
import { judgeAnswers } from '../checkers/answers.ts';
import { judgeGrants } from '../checkers/grants.ts';
import { countRepeated } from '../checkers/once.ts';
import { percentile } from '../checkers/percentile.ts';
import { readHistory } from '../history/read.ts';
import { startKeyedCallers } from '../keyed-callers.ts';
import type { KeyedCallers } from '../keyed-callers.ts';
import { startWorkers } from '../processes/start-workers.ts';
import { defineRow } from '../row.ts';
import type { RowContext } from '../row.ts';
import { openFleetScene, waitUntil } from '../scene.ts';
import type { FleetScene } from '../scene.ts';

type Names =
  | 'hubs'
  | 'kills'
  | 'callers'
  | 'workers'
  | 'up-ms-max'
  | 'down-ms-max'
  | 'lease-ms'
  | 'first-success-ms-max';
type Context = RowContext<Names>;

/** Whoever is not served by then counts as never served. */
const FIRST_SUCCESS_WAIT_MS = 30_000;
/** What goes on after the last start, so that it is part of the history too. */
const AFTER_MS = 1_000;

/**
 * Kills the server again and again, by an immediate shutdown and by SIGKILL in turn. From the moment that it answers to
 * the first call of anybody that is answered ok, each time.
 */
const torment = async ({ sizes, log }: Context, { hub }: FleetScene, okAt: readonly number[]) => {
  const waits: number[] = [];
  for (let kill = 1; kill <= sizes.kills; kill++) {
    await sleep(Math.random() * sizes['up-ms-max']);
    await hub.database.kill(kill % 2 === 0 ? 'SIGKILL' : 'SIGQUIT');
    await sleep(Math.random() * sizes['down-ms-max']);
    await hub.database.start();
    const upAt = Date.now();
    const firstOk = (): number | undefined => okAt.find((at) => at >= upAt);
    await waitUntil(async () => firstOk() !== undefined, FIRST_SUCCESS_WAIT_MS, 20);
    waits.push((firstOk() ?? Number.POSITIVE_INFINITY) - upAt);
    if (kill % 10 === 0) log(`killed ${kill} times`);
  }
  return waits;
};

const judge = async (
  { sizes, stage }: Context,
  scene: FleetScene,
  callers: KeyedCallers,
  waits: number[],
) => {
  const { calls } = await readHistory(stage.dir);
  const log = await scene.database.log(scene.projectId);
  const grants = judgeGrants(log);
  const answers = judgeAnswers(calls, log, grants);
  const unknown = callers.unknown();
  const figures = {
    kills: waits.length,
    lostAcknowledged: answers.lostAcknowledged + Math.max(0, answers.seqMax - log.length),
    unknown,
    resolvedPercent: unknown === 0 ? 100 : (100 * (unknown - callers.unresolved())) / unknown,
    carriedOutTwice: countRepeated(log),
    doubleGrants: grants.doubleGrants + answers.doubleGrants,
    staleAccepted: grants.staleInLog + answers.staleAccepted,
    firstSuccessP50Ms: percentile(waits, 0.5),
    firstSuccessMaxMs: percentile(waits, 1),
    events: log.length,
    calls: calls.length,
    acknowledged: calls.filter(({ type }) => type === 'ok').length,
    completed: [...grants.completions.values()].reduce((sum, count) => sum + count, 0),
  };
  const zeros =
    figures.lostAcknowledged + figures.carriedOutTwice + figures.doubleGrants + figures.staleAccepted;
  const passed =
    zeros === 0 &&
    figures.unknown > 0 &&
    figures.resolvedPercent === 100 &&
    figures.firstSuccessMaxMs <= sizes['first-success-ms-max'];
  return { ...figures, passed };
};

export const t18 = defineRow<Names>({
  name: 'T18',
  summary:
    'PostgreSQL is killed again and again under load: what was acknowledged is there, the rest is resolved by key',
  sizes: {
    hubs: [2, 2],
    kills: [50, 8],
    callers: [8, 4],
    workers: [4, 2],
    'up-ms-max': [3_000, 2_000],
    'down-ms-max': [1_500, 800],
    'lease-ms': [10_000, 10_000],
    'first-success-ms-max': [5_000, 5_000],
  },
  run: async (context) => {
    const { sizes, stage } = context;
    const scene = await openFleetScene(stage, sizes.hubs, { leaseMs: sizes['lease-ms'], maxAttempts: 100 });
    const { hub, projectId } = scene;
    const callers = startKeyedCallers(stage.dir, hub, projectId, sizes.callers);
    const workers = await startWorkers(stage, scene, sizes.workers, sizes['lease-ms']);
    const waits = await torment(context, scene, callers.okAt);
    await sleep(AFTER_MS);
    await callers.stop();
    await Promise.all(workers.map((worker) => worker.stop()));
    return judge(context, scene, callers, waits);
  },
});
