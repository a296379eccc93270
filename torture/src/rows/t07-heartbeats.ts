import { setTimeout as sleep } from 'node:timers/promises';
import { createProject } from '../processes/crowd.ts';
import type { HeartbeatFigures, HeartbeatOrders } from '../processes/heartbeats.ts';
import { HubProcess } from '../processes/hub.ts';
import type { Actor, Stage } from '../processes/stage.ts';
import { Database } from '../checkers/database.ts';
import { defineRow } from '../row.ts';
import { waitUntil } from '../scene.ts';
import { metricOf } from '../wire/metric.ts';
import { restCommand } from '../wire/rest.ts';
import { SlowReader } from '../wire/slow-reader.ts';

type Names =
  | 'per-second'
  | 'per-second-min'
  | 'sessions'
  | 'projects'
  | 'lease-ms'
  | 'beat-ms'
  | 'streams'
  | 'resume-ms-max';

const WRITES_SHARE_MAX = 0.05;
/** Of what was due, answered; the rest is on its way. */
const CLEAN_SHARE_MIN = 0.98;
const STEP = 0.75;
const SETTLE_MS = 3_000;

const setScene = async (stage: Stage, projects: number) => {
  const hub = await HubProcess.start(stage, 'hub', undefined, {
    // All agents of this row come from one address.
    ACT_LIMIT_WAITING_PER_ADDRESS: '0',
  });
  const database = new Database(hub.socketDir);
  stage.onClose(() => database.close());
  const projectIds: string[] = [];
  for (let at = 0; at < projects; at++) projectIds.push(await createProject(hub, `beating ${at}`));
  return { hub, database, projectIds };
};

const count = async (beating: Actor): Promise<HeartbeatFigures> => {
  beating.send({ kind: 'count' });
  return beating.message<HeartbeatFigures>('figures');
};

/** Sessions that ended because nobody heard them, since this process of the hub began. */
const expiriesOf = (hub: HubProcess): Promise<number> => metricOf(hub, 'act_lease_expiries_total');

/** Lower and lower rates, until one is carried whole; the last one is told whatever came of it. */
const findRate = async (
  beating: Actor,
  database: Database,
  { most, least, ms }: { readonly most: number; readonly least: number; readonly ms: number },
  log: (line: string) => void,
) => {
  for (let rate = most; ; rate = Math.max(least, Math.round(rate * STEP))) {
    beating.send({ kind: 'rate', perSecond: rate });
    await sleep(SETTLE_MS);
    await count(beating);
    const before = await database.transactions();
    await sleep(ms);
    const figures = await count(beating);
    const transactions = (await database.transactions()) - before;
    log(`${rate}/s: ${JSON.stringify(figures)}, ${transactions} transactions`);
    const isClean = figures.perSecond >= CLEAN_SHARE_MIN * rate && figures.expired === 0;
    if (isClean || rate <= least) return { ...figures, rate, isClean, transactions };
  }
};

export const t07 = defineRow<Names>({
  name: 'T07',
  summary: 'heartbeats of thousands of agents; then the hub dies, and a thousand streams come back at once',
  sizes: {
    'per-second': [10_000, 2_000],
    'per-second-min': [5_000, 2_000],
    sessions: [1_000, 500],
    projects: [10, 2],
    'lease-ms': [10_000, 5_000],
    'beat-ms': [300_000, 10_000],
    streams: [1_000, 1_000],
    'resume-ms-max': [30_000, 30_000],
  },
  run: async ({ sizes, stage, log }) => {
    const { hub, database, projectIds } = await setScene(stage, sizes.projects);
    const [projectId = ''] = projectIds;
    const beating = stage.start('heartbeats-main', [
      JSON.stringify({
        url: hub.url,
        token: hub.token,
        projectIds,
        sessions: sizes.sessions,
        leaseMs: sizes['lease-ms'],
        perSecond: sizes['per-second-min'],
      } satisfies HeartbeatOrders),
    ]);
    await beating.message('started');
    log(`${sizes.sessions * sizes.projects} sessions beat`);
    const bounds = { most: sizes['per-second'], least: sizes['per-second-min'], ms: sizes['beat-ms'] };
    const found = await findRate(beating, database, bounds, log);
    const streams = Array.from({ length: sizes.streams }, () => new SlowReader(hub, projectId, 1_000));
    const put = (value: string) =>
      restCommand(hub, { name: 'state.put', projectId, input: { key: 'seen', value } });
    await put('before');
    const seenBy = (seq: number) => async () => streams.every(({ cursor }) => cursor >= seq);
    const areOpen = await waitUntil(seenBy(await database.lastSeq(projectId)), 30_000, 50);
    log(`streams ${areOpen ? 'are open' : 'did not open'}; the hub dies`);
    const expiredBefore = await expiriesOf(hub);
    await hub.killAndRestart();
    const servedAt = performance.now();
    const written = await put('after');
    const last = await database.lastSeq(projectId);
    const isResumed = await waitUntil(seenBy(last), sizes['resume-ms-max'], 20);
    const resumedMs = Math.round(performance.now() - servedAt);
    // Two leases more: who did not come back in time would have been ended by then.
    await sleep(2 * sizes['lease-ms']);
    const after = await count(beating);
    const figures = {
      sessions: sizes.sessions * sizes.projects,
      heartbeatsPerSecond: found.rate,
      answered: found.answered,
      held: found.held,
      p99Ms: found.p99Ms,
      transactionsShare: Math.round((10_000 * found.transactions) / found.answered) / 10_000,
      falseExpiries: found.expired + after.expired + expiredBefore + (await expiriesOf(hub)),
      streams: sizes.streams,
      resumedMs,
      gaps: streams.reduce((sum, { gaps }) => sum + gaps, 0),
      answeredAfterwards: after.answered,
    };
    for (const stream of streams) stream.stop();
    const passed =
      found.isClean &&
      figures.transactionsShare <= WRITES_SHARE_MAX &&
      figures.falseExpiries === 0 &&
      areOpen &&
      written.type === 'ok' &&
      isResumed &&
      figures.gaps === 0 &&
      figures.answeredAfterwards > 0;
    return { ...figures, passed };
  },
});
