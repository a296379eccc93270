import { setTimeout as sleep } from 'node:timers/promises';
import { percentile } from '../checkers/percentile.ts';
import { rssMbOf, watchRss } from '../resident-memory.ts';
import { defineRow } from '../row.ts';
import type { RowContext } from '../row.ts';
import { openScene, waitUntil } from '../scene.ts';
import type { HubScene } from '../scene.ts';
import { metricOf } from '../wire/metric.ts';
import { SlowReader } from '../wire/slow-reader.ts';
import { openSocket, socketCommand } from '../wire/socket.ts';

type Names = 'events-per-second' | 'readers' | 'slow-readers' | 'quiet-ms' | 'stop-ms' | 'catch-up-ms-max';

const RSS_MB_MAX = 50;
const RATIO_MAX = 1.5;
/** Below this a ratio of two latencies says more about the timer than about the hub. */
const FLOOR_MS = 20;
const EVENTS_PER_CALL = 20;
/** One hundredth of the time. */
const READ_MS = 20;
const REST_MS = 1_980;

/** Reports of files, so many events a second however long the answers take, within what the hub takes at once. */
const startWriter = async (scene: HubScene, eventsPerSecond: number) => {
  const { hub, projectId, client } = scene;
  const registered = await client.command('agent.register', projectId, {
    agentId: 'writer',
    leaseMs: 600_000,
  });
  if (!registered.ok) throw new Error(`not registered: ${registered.refusal.code}`);
  const { sessionId } = registered.value;
  const socket = await openSocket(hub);
  let [count, waiting, failed] = [0, 0, 0];
  const everyMs = (1_000 * EVENTS_PER_CALL) / eventsPerSecond;
  const send = async (): Promise<void> => {
    const changes = Array.from({ length: EVENTS_PER_CALL }, (_, at) => ({
      path: `src/${'deep/'.repeat(80)}${count}-${at}.ts`,
      kind: 'modified',
    }));
    count++;
    waiting++;
    const input = { sessionId, changes };
    const answer = await socketCommand(socket, { name: 'file.report', projectId, input });
    waiting--;
    if (answer.type !== 'ok') failed++;
  };
  const started = performance.now();
  let due = 0;
  const timer = setInterval(() => {
    for (; due * everyMs < performance.now() - started; due++) if (waiting < 128) void send();
  }, everyMs);
  return {
    failed: () => failed,
    events: () => count * EVENTS_PER_CALL,
    stop: async (): Promise<void> => {
      clearInterval(timer);
      await waitUntil(async () => waiting === 0, 10_000, 20);
      socket.disconnect();
    },
  };
};

const takeDelays = (readers: readonly SlowReader[]): number[] =>
  readers.flatMap((reader) => reader.delays.splice(0));

/** Reads one hundredth of the time, each at another moment, until it is told otherwise. */
const dawdle = (reader: SlowReader, at: number, of: number): (() => void) => {
  let isStopped = false;
  const run = async (): Promise<void> => {
    reader.read(false);
    await sleep((REST_MS * at) / of);
    while (!isStopped) {
      reader.read(true);
      await sleep(READ_MS);
      reader.read(isStopped);
      await sleep(REST_MS);
    }
  };
  void run();
  return () => {
    isStopped = true;
    reader.read(true);
  };
};

const runPhases = async ({ sizes, log }: RowContext<Names>, scene: HubScene) => {
  const { hub, projectId, database } = scene;
  const readerOf = (): SlowReader => new SlowReader(hub, projectId);
  const readers = Array.from({ length: sizes.readers }, readerOf);
  const slow = Array.from({ length: sizes['slow-readers'] }, readerOf);
  const stuck = readerOf();
  const all = [...readers, ...slow, stuck];
  const writer = await startWriter(scene, sizes['events-per-second']);
  // Everybody reads: streams and the hub's own warming up are in the baseline.
  await sleep(sizes['quiet-ms'] / 2);
  takeDelays(all);
  await sleep(sizes['quiet-ms'] / 2);
  const quiet = takeDelays(readers);
  const [before, eventsBefore, startedAt] = [rssMbOf(hub.pid), writer.events(), performance.now()];
  log(`quiet: p99 ${percentile(quiet, 0.99)} ms, ${Math.round(before)} MB`);
  stuck.read(false);
  const wake = slow.map((reader, at) => dawdle(reader, at, slow.length));
  const most = await watchRss(hub.pid, sizes['stop-ms']);
  const slowed = takeDelays(readers);
  const eventsPerSecond = (1_000 * (writer.events() - eventsBefore)) / (performance.now() - startedAt);
  // By the hub's own figures: it buffers nothing for whom it says that of.
  const hubSaysBehind = await metricOf(hub, 'act_stream_lag_events');
  await writer.stop();
  const last = await database.lastSeq(projectId);
  const behind = last - Math.min(stuck.cursor, ...slow.map(({ cursor }) => cursor));
  for (const go of wake) go();
  stuck.read(true);
  const resumedAt = performance.now();
  const isCaughtUp = await waitUntil(
    async () => all.every(({ cursor }) => cursor >= last),
    sizes['catch-up-ms-max'],
    50,
  );
  const catchUpMs = Math.round(performance.now() - resumedAt);
  for (const reader of all) reader.stop();
  return {
    quiet,
    slowed,
    before,
    most,
    eventsPerSecond,
    behind,
    hubSaysBehind,
    last,
    isCaughtUp,
    catchUpMs,
    all,
    writer,
  };
};

export const t14 = defineRow<Names>({
  name: 'T14',
  summary: 'slow readers: one stream stops reading, fifty read one hundredth of the time, others go on',
  sizes: {
    'events-per-second': [1_000, 1_000],
    readers: [4, 4],
    'slow-readers': [50, 50],
    'quiet-ms': [20_000, 8_000],
    'stop-ms': [60_000, 15_000],
    'catch-up-ms-max': [120_000, 25_000],
  },
  run: async (context) => {
    const scene = await openScene(context.stage, {});
    const found = await runPhases(context, scene);
    const { quiet, slowed, all } = found;
    const p99 = [percentile(quiet, 0.99), percentile(slowed, 0.99)] as const;
    const figures = {
      events: found.last,
      eventsPerSecond: Math.round(found.eventsPerSecond),
      callsFailed: found.writer.failed(),
      othersP50Ms: [percentile(quiet, 0.5), percentile(slowed, 0.5)],
      othersP99Ms: p99,
      othersP99Ratio: Math.round((100 * p99[1]) / Math.max(p99[0], FLOOR_MS)) / 100,
      rssMb: [Math.round(found.before), Math.round(found.most)],
      rssGrowthMb: Math.round(found.most - found.before),
      behind: found.behind,
      hubSaysBehind: found.hubSaysBehind,
      reopened: all.reduce((sum, { reopened }) => sum + reopened, 0),
      gaps: all.reduce((sum, { gaps }) => sum + gaps, 0),
      lost: all.reduce((sum, { cursor }) => sum + Math.max(0, found.last - cursor), 0),
      catchUpMs: found.catchUpMs,
    };
    const passed =
      figures.eventsPerSecond >= 0.9 * context.sizes['events-per-second'] &&
      figures.callsFailed === 0 &&
      figures.othersP99Ratio <= RATIO_MAX &&
      figures.rssGrowthMb <= RSS_MB_MAX &&
      // Without anybody who fell behind, and whom the hub has stopped writing to, the row has shown nothing.
      figures.hubSaysBehind > 0 &&
      figures.gaps === 0 &&
      figures.lost === 0 &&
      found.isCaughtUp;
    return { ...figures, passed };
  },
});
