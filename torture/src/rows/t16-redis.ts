import { setTimeout as sleep } from 'node:timers/promises';
import { installRedis, startRedis } from '@agentmix/act-testing/engines';
import type { RedisServer } from '@agentmix/act-testing/engines';
import { judgeGrants } from '../checkers/grants.ts';
import { percentile } from '../checkers/percentile.ts';
import { judgeStreams } from '../checkers/streams.ts';
import { readHistory } from '../history/read.ts';
import { Fleet } from '../processes/fleet.ts';
import { subscribeRaw } from '../raw-subscribers.ts';
import type { RawSubscriber } from '../raw-subscribers.ts';
import { startCallers, startWriter } from '../redis/callers.ts';
import type { Callers } from '../redis/callers.ts';
import { defineRow } from '../row.ts';
import type { RowContext } from '../row.ts';
import { openProject, waitUntil } from '../scene.ts';
import type { Scene } from '../scene.ts';
import type { Address } from '../wire/rest.ts';
import { SlowProxy } from '../wire/slow-proxy.ts';

type Names =
  | 'hubs'
  | 'agents'
  | 'pause-ms'
  | 'quiet-ms'
  | 'flushes'
  | 'kills'
  | 'up-ms'
  | 'stops'
  | 'stop-ms'
  | 'down-ms'
  | 'latency-ms'
  | 'slow-ms'
  | 'added-ms-max';
type Context = RowContext<Names>;

/** What late deliveries of one phase may need before the next one begins. */
const SETTLE_MS = 1_000;
const FLUSH_EVERY_MS = 100;
/** So seldom that a hub hears of each event by itself, and so often that percentiles mean something. */
const WRITE_EVERY_MS = 60;
const SHOWN_MS_MAX = 10_000;

/** What is done to Redis, one after the other. */
const phasesOf = ({ sizes }: Context, redis: RedisServer, proxy: SlowProxy) => ({
  quiet: () => sleep(sizes['quiet-ms']),
  flushed: async (): Promise<void> => {
    for (let flush = 0; flush < sizes.flushes; flush++) {
      await redis.ask('FLUSHALL');
      await sleep(FLUSH_EVERY_MS);
    }
  },
  killed: async (): Promise<void> => {
    for (let kill = 0; kill < sizes.kills; kill++) {
      await redis.kill();
      await sleep(Math.random() * sizes['up-ms']);
      await redis.start();
      await sleep(sizes['up-ms'] * (0.5 + Math.random()));
    }
  },
  stopped: async (): Promise<void> => {
    for (let stop = 0; stop < sizes.stops; stop++) {
      redis.signal('SIGSTOP');
      await sleep(sizes['stop-ms']);
      redis.signal('SIGCONT');
      await sleep(sizes['up-ms']);
    }
  },
  down: async (): Promise<void> => {
    await redis.kill();
    await sleep(sizes['down-ms']);
    await redis.start();
  },
  slow: async (): Promise<void> => {
    proxy.delayMs = sizes['latency-ms'];
    await sleep(sizes['slow-ms']);
    proxy.delayMs = 0;
  },
});

interface PhaseFigures {
  readonly claims: number;
  readonly claimP99Ms: number;
  readonly deliveryP99Ms: number;
  readonly deliveryMaxMs: number;
}

/** Goes through the phases, and tells how long claims took in each, and events on their way from hub to hub. */
const goThrough = async (
  phases: ReturnType<typeof phasesOf>,
  callers: Callers,
  followers: readonly RawSubscriber[],
  log: Context['log'],
): Promise<Record<keyof typeof phases, PhaseFigures>> => {
  const figures: Record<string, PhaseFigures> = {};
  for (const [name, run] of Object.entries(phases)) {
    const from = { claims: callers.claimMs.length, delays: followers.map(({ delays }) => delays.length) };
    await run();
    await sleep(SETTLE_MS);
    const claims = callers.claimMs.slice(from.claims);
    const delays = followers.flatMap((one, at) => one.delays.slice(from.delays[at]));
    figures[name] = {
      claims: claims.length,
      claimP99Ms: Math.round(percentile(claims, 0.99)),
      deliveryP99Ms: Math.round(percentile(delays, 0.99)),
      deliveryMaxMs: Math.round(percentile(delays, 1)),
    };
    log(`${name}: ${JSON.stringify(figures[name])}`);
  }
  return figures as Record<keyof typeof phases, PhaseFigures>;
};

/** How many keys programs outside see otherwise than the database has them, when there was time to show them. */
const countShownWrong = async ({ database, projectId }: Scene, redis: RedisServer): Promise<number> => {
  const rows = await database.rows<{ key: string; value: unknown }>(
    'select key, value from act.live_state where project_id = $1',
    [projectId],
  );
  const wanted = new Map(rows.map(({ key, value }) => [key, JSON.stringify(value)]));
  let wrong = wanted.size;
  await waitUntil(async () => {
    const shown = (await redis.ask('HGETALL', `project:${projectId}`)) as Record<string, string>;
    const keys = new Set([...wanted.keys(), ...Object.keys(shown)]);
    wrong = [...keys].filter((key) => wanted.get(key) !== shown[key]).length;
    return wrong === 0;
  }, SHOWN_MS_MAX);
  return wrong;
};

/** What subscribers of a project got, held against its log. */
const judgeDelivered = async (
  { stage }: Context,
  { database }: Scene,
  projectId: string,
  subscribers: readonly RawSubscriber[],
) => {
  const last = await database.lastSeq(projectId);
  await waitUntil(async () => subscribers.every(({ cursor }) => cursor() >= last), 20_000);
  await Promise.all(subscribers.map((subscriber) => subscriber.stop()));
  const { notes } = await readHistory(stage.dir);
  const names = subscribers.map(({ name }) => name);
  const { missing, duplicates, outOfOrder, gaps } = judgeStreams(notes, names, last);
  return { missing, disordered: duplicates + outOfOrder + gaps };
};

const judgeCalls = async ({ database, projectId }: Scene, callers: Callers) => {
  const events = await database.log(projectId);
  const grants = judgeGrants(events);
  return {
    claims: callers.claimMs.length,
    events: events.length,
    completed: callers.completed(),
    refused: callers.failures.length,
    refusals: [...new Set(callers.failures)].slice(0, 5),
    doubleGrants: grants.doubleGrants,
    lostAcknowledged: Math.max(0, callers.completed() - grants.completions.size),
    staleReads: callers.staleReads(),
  };
};

/** What happens at one hub, and who follows it at the others, which hear of it in no other way. */
const startWatched = async ({ stage }: Context, scene: Scene, [first, ...others]: readonly Address[]) => {
  const created = await scene.client.command('project.create', undefined, { name: 'watched' });
  if (!created.ok || !first) throw new Error('no project to watch');
  const { projectId } = created.value;
  const followers = others.map((address, at) =>
    subscribeRaw(stage.dir, `follower-${at}`, address, projectId, 'sse'),
  );
  return { projectId, followers, writer: startWriter(first, projectId, WRITE_EVERY_MS) };
};

/** Hubs that reach Redis through a proxy. */
const openHubs = async ({ stage, sizes, log }: Context) => {
  installRedis(log);
  const redis = await startRedis();
  stage.onClose(() => redis.stop());
  const proxy = await SlowProxy.start(redis.port);
  stage.onClose(() => proxy.stop());
  const fleet = await Fleet.start(stage, sizes.hubs, { REDIS_URL: `redis://127.0.0.1:${proxy.port}` });
  const scene = await openProject(stage, fleet, {}, fleet.socketDir);
  return { redis, proxy, scene, hubs: fleet.addresses };
};

export const t16 = defineRow<Names>({
  name: 'T16',
  summary:
    'Redis is flushed, killed, stopped, away and slow while agents work at several hubs: only time is lost',
  sizes: {
    hubs: [3, 2],
    agents: [8, 4],
    'pause-ms': [50, 50],
    'quiet-ms': [20_000, 5_000],
    flushes: [50, 10],
    kills: [50, 4],
    'up-ms': [1_000, 700],
    stops: [10, 2],
    'stop-ms': [3_000, 2_000],
    'down-ms': [60_000, 6_000],
    'latency-ms': [2_000, 2_000],
    'slow-ms': [30_000, 6_000],
    'added-ms-max': [1_000, 1_000],
  },
  run: async (context) => {
    const { stage, sizes, log } = context;
    const { redis, proxy, scene, hubs } = await openHubs(context);
    const { projectId } = scene;
    const subscribers = hubs.map((address, at) =>
      subscribeRaw(stage.dir, `subscriber-${at}`, address, projectId, at % 2 === 0 ? 'sse' : 'socket.io'),
    );
    const callers = startCallers(hubs, projectId, sizes.agents, sizes['pause-ms']);
    const watched = await startWatched(context, scene, hubs);
    const phases = await goThrough(phasesOf(context, redis, proxy), callers, watched.followers, log);
    await Promise.all([callers.stop(), watched.writer.stop()]);
    const calls = await judgeCalls(scene, callers);
    const here = await judgeDelivered(context, scene, projectId, subscribers);
    const there = await judgeDelivered(context, scene, watched.projectId, watched.followers);
    const shownWrong = await countShownWrong(scene, redis);
    const { quiet, ...troubled } = phases;
    const worst = (field: keyof PhaseFigures): number =>
      Math.max(...Object.values(troubled).map((figures) => figures[field])) - quiet[field];
    const figures = {
      ...calls,
      lostEvents: here.missing + there.missing,
      disordered: here.disordered + there.disordered,
      shownWrong,
      claimAddedMs: worst('claimP99Ms'),
      deliveryAddedMs: worst('deliveryP99Ms'),
      phases,
    };
    const zeros =
      calls.refused +
      calls.doubleGrants +
      calls.lostAcknowledged +
      calls.staleReads +
      figures.lostEvents +
      figures.disordered +
      shownWrong;
    const isFast = Math.max(figures.claimAddedMs, figures.deliveryAddedMs) <= sizes['added-ms-max'];
    return { ...figures, passed: zeros === 0 && isFast && callers.completed() > 0 };
  },
});
