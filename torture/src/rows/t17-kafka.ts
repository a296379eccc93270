import { setTimeout as sleep } from 'node:timers/promises';
import { readFileSync } from 'node:fs';
import type { Following, TopicMessage } from '@agentmix/act-kafka';
import { followTopic } from '@agentmix/act-kafka';
import { installEngines, startKafka } from '@agentmix/act-testing/engines';
import { uuidv7 } from 'uuidv7';
import { percentile } from '../checkers/percentile.ts';
import { DedupingConsumer } from '../checkers/topic.ts';
import { HubProcess } from '../processes/hub.ts';
import { defineRow } from '../row.ts';
import type { RowContext } from '../row.ts';
import { openScene, waitUntil } from '../scene.ts';
import type { Scene } from '../scene.ts';

type Names = 'projects' | 'kills' | 'up-ms' | 'down-ms' | 'hub-kills' | 'pause-ms' | 'rebalance-ms';
type Context = RowContext<Names>;
type Broker = Awaited<ReturnType<typeof startKafka>>;

const DRAIN_MS_MAX = 180_000;
const REST_MS = 50;

/** Callers that write to a project each, until they are stopped. */
const startWriters = (scene: Scene, projectIds: readonly string[], pauseMs: number) => {
  const milliseconds: number[] = [];
  let [isOver, refused] = [false, 0];
  const writing = projectIds.map(async (projectId) => {
    for (let count = 0; !isOver; count++) {
      const startedAt = performance.now();
      const written = await scene.client.command('task.create', projectId, { title: `task ${count}` });
      milliseconds.push(performance.now() - startedAt);
      if (!written.ok) refused++;
      await sleep(pauseMs);
    }
  });
  return {
    milliseconds,
    stop: async (): Promise<number> => {
      isOver = true;
      await Promise.all(writing);
      return refused;
    },
  };
};

/** Whether all projects are carried this far. */
const isCarried = async ({ database }: Scene, ends: ReadonlyMap<string, number>): Promise<boolean> => {
  const rows = await database.rows<{ project_id: string; seq: string }>(
    'select project_id, seq from act.relays',
  );
  const carried = new Map(rows.map(({ project_id, seq }) => [project_id, Number(seq)]));
  return [...ends].every(([projectId, seq]) => (carried.get(projectId) ?? 0) >= seq);
};

const endsOf = async ({ database }: Scene, projectIds: readonly string[]): Promise<Map<string, number>> =>
  new Map(
    await Promise.all(
      projectIds.map(async (id): Promise<[string, number]> => [id, await database.lastSeq(id)]),
    ),
  );

/** Of the hub’s process; 0 where the row does not run its only hub. */
const residentMb = ({ hub }: Scene): number => {
  if (!(hub instanceof HubProcess)) return 0;
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${hub.pid}/status`, 'utf8'))?.[1] ?? 0) / 1_024;
};

/** The broker is away for so long; how long what waited by then took, once it is back. */
const outage = async (
  { sizes, log }: Context,
  scene: Scene,
  broker: Broker,
  projectIds: readonly string[],
) => {
  await broker.kill();
  const before = residentMb(scene);
  await sleep(sizes['down-ms']);
  const grownMb = Math.round(residentMb(scene) - before);
  await broker.start();
  const upAt = performance.now();
  const ends = await endsOf(scene, projectIds);
  const isDrained = await waitUntil(() => isCarried(scene, ends), DRAIN_MS_MAX, 50);
  const drainMs = isDrained ? Math.round(performance.now() - upAt) : Number.POSITIVE_INFINITY;
  log(`down ${sizes['down-ms']} ms, drained in ${drainMs} ms, grew ${grownMb} MB`);
  return { drainMs, grownMb };
};

/** Two members of one group, of which one comes and goes: each rebalance begins again at the topic’s beginning. */
const startGroup = (
  { sizes }: Context,
  follow: (groupId: string, listener: (message: TopicMessage) => void) => Following,
) => {
  const consumer = new DedupingConsumer();
  const groupId = `group-${uuidv7()}`;
  const join = (): Following => follow(groupId, (message) => consumer.take(message));
  const staying = join();
  let isOver = false;
  let rebalances = 0;
  const running = (async (): Promise<void> => {
    while (!isOver) {
      const passing = join();
      await sleep(sizes['rebalance-ms']);
      await passing.close();
      rebalances += 2;
      await sleep(sizes['rebalance-ms']);
    }
  })();
  return {
    consumer,
    rebalances: () => rebalances,
    stopRebalancing: async (): Promise<void> => {
      isOver = true;
      await running;
    },
    close: () => staying.close(),
  };
};

/** All that the topic has, read from its beginning until these ends, by somebody who was not there before. */
const readAll = async (
  follow: (groupId: string, listener: (message: TopicMessage) => void) => Following,
  ends: ReadonlyMap<string, number>,
): Promise<DedupingConsumer> => {
  const consumer = new DedupingConsumer();
  const following = follow(`reader-${uuidv7()}`, (message) => consumer.take(message));
  await waitUntil(async () => [...ends].every(([id, seq]) => consumer.seq(id) >= seq), 60_000, 100);
  await following.close();
  return consumer;
};

const judge = async (scene: Scene, consumer: DedupingConsumer, ends: ReadonlyMap<string, number>) => {
  let [lost, altered] = [0, 0];
  for (const projectId of ends.keys()) {
    const compared = consumer.compare(projectId, await scene.database.log(projectId));
    lost += compared.lost;
    altered += compared.altered;
  }
  return { lost, altered, gaps: consumer.gaps, repeated: consumer.repeated };
};

/** The broker is killed again and again, the hub too, then the broker is away for long; all the time callers write. */
const breakThings = async (context: Context, scene: Scene, broker: Broker, projectIds: readonly string[]) => {
  const { sizes, log } = context;
  for (let kill = 0; kill < sizes.kills; kill++) {
    await sleep(sizes['up-ms'] * (0.5 + Math.random()));
    await broker.kill();
    if (kill < sizes['hub-kills']) await scene.hub.killAndRestart();
    await broker.start();
    log(`killed ${kill + 1} times`);
  }
  const ends = await endsOf(scene, projectIds);
  await waitUntil(() => isCarried(scene, ends), DRAIN_MS_MAX, 50);
  log('all is carried');
  return outage(context, scene, broker, projectIds);
};

export const t17 = defineRow<Names>({
  name: 'T17',
  summary:
    'Kafka is killed again and again, then is away; hubs die; consumers rebalance and begin again: nothing is lost',
  sizes: {
    projects: [8, 4],
    kills: [20, 2],
    'up-ms': [4_000, 1_500],
    'down-ms': [60_000, 5_000],
    'hub-kills': [4, 1],
    'pause-ms': [10, 10],
    'rebalance-ms': [1_000, 1_000],
  },
  run: async (context) => {
    const { stage, sizes, log } = context;
    installEngines(log);
    const broker = await startKafka();
    stage.onClose(() => broker.stop());
    const scene = await openScene(stage, {}, { KAFKA_BROKERS: broker.brokers });
    const follow = (groupId: string, listener: (message: TopicMessage) => void): Following =>
      followTopic({ brokers: [broker.brokers], groupId, from: 'earliest', log: () => undefined }, listener);
    const projectIds = [scene.projectId];
    for (let project = 1; project < sizes.projects; project++) {
      const created = await scene.client.command('project.create', undefined, { name: `torture ${project}` });
      if (!created.ok) throw new Error(`no project: ${created.refusal.code}`);
      projectIds.push(created.value.projectId);
    }
    const writers = startWriters(scene, projectIds, sizes['pause-ms']);
    const group = startGroup(context, follow);
    const { drainMs, grownMb } = await breakThings(context, scene, broker, projectIds);
    await group.stopRebalancing();
    const refused = await writers.stop();
    const ends = await endsOf(scene, projectIds);
    const isAllCarried = await waitUntil(() => isCarried(scene, ends), DRAIN_MS_MAX, REST_MS);
    const topic = await judge(scene, await readAll(follow, ends), ends);
    await waitUntil(async () => [...ends].every(([id, seq]) => group.consumer.seq(id) >= seq), 60_000);
    const ofGroup = await judge(scene, group.consumer, ends);
    await group.close();
    const figures = {
      events: [...ends.values()].reduce((sum, seq) => sum + seq, 0),
      lost: topic.lost,
      altered: topic.altered,
      gaps: topic.gaps,
      repeated: topic.repeated,
      groupLost: ofGroup.lost,
      groupGaps: ofGroup.gaps,
      rebalances: group.rebalances(),
      refused,
      callP99Ms: percentile(writers.milliseconds, 0.99),
      outageMs: sizes['down-ms'],
      drainMs,
      grownMb,
    };
    const zeros = topic.lost + topic.altered + topic.gaps + ofGroup.lost + ofGroup.gaps + refused;
    return { ...figures, passed: isAllCarried && zeros === 0 && drainMs <= 2 * sizes['down-ms'] };
  },
});
