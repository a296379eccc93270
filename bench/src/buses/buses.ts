import { mkdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

import { commands } from '@agentmix/act-contract';
import type { Bus } from '@agentmix/act-core';
import { startHub } from '@agentmix/act-hub';
import { openTopicBus } from '@agentmix/act-kafka';
import { createDatabaseIfMissing, NotifyBus, startEmbedded } from '@agentmix/act-postgres';
import { startKafka } from '@agentmix/act-testing/engines';
import { uuidv7 } from 'uuidv7';

import { withDirectory } from '../load/launch-hub.ts';
import { NO_LIMITS } from '../load/no-limits.ts';
import { describeHost, makePrint, percentile, publish, readFlags } from '../measure/index.ts';
import type { Host, Published } from '../measure/index.ts';

const DEFAULTS = { commits: 300, pauseMs: 50, warmup: 50 };
const HEARD_MS_MAX = 5_000;

type Sizes = typeof DEFAULTS;

interface Heard {
  p50Ms: number;
  p99Ms: number;
}

export interface BusesFigures {
  bench: 'buses';
  host: Host;
  sizes: Sizes;
  notify: Heard;
  topic: Heard;
}

const inputs = { 'project.create': { name: 'buses' }, 'task.create': { title: 'heard' } } as const;
const log = (): void => undefined;

/** Milliseconds from a commit’s answer until this ear has heard of it; less than nothing where it was sooner. */
const listenTo = (bus: Bus, projectId: string) => {
  const heardAt = new Map<number, number>();
  let furthest = 0;
  bus.subscribe((id, seq) => {
    if (id !== projectId) return;
    for (; furthest < seq; furthest++) heardAt.set(furthest + 1, performance.now());
  });
  return async (seq: number): Promise<number> => {
    const until = performance.now() + HEARD_MS_MAX;
    while (furthest < seq) {
      if (performance.now() > until) throw new Error(`nothing heard of ${seq}`);
      await delay(1);
    }
    return heardAt.get(seq) ?? 0;
  };
};

const summaryOf = (delays: number[]): Heard => ({
  p50Ms: percentile(delays, 0.5),
  p99Ms: percentile(delays, 0.99),
});

async function measure(directory: string, { commits, pauseMs, warmup }: Sizes) {
  await mkdir(`${directory}/server`, { mode: 0o711 });
  const server = await startEmbedded({ dataDir: `${directory}/server` });
  const broker = await startKafka();
  const { socketDir, port, superuser } = server;
  await createDatabaseIfMissing({ socketDir, port, user: superuser }, 'act');
  const urlOf = (user: string): string =>
    `postgres://${user}@/act?host=${encodeURIComponent(socketDir)}&port=${port}`;
  const { brokers } = broker;
  const kafka = { brokers: [brokers], partitions: 12, retentionMs: 3_600_000 };
  const hub = await startHub({
    host: '127.0.0.1',
    port: 0,
    dataDir: `${directory}/hub`,
    logLevel: 'fatal',
    limits: NO_LIMITS,
    databaseUrl: urlOf('act_app'),
    migrateUrl: urlOf(superuser),
    kafka: { ...kafka, isTls: false, isInClear: false, isBus: false },
  });
  const notify = new NotifyBus({ connection: { url: urlOf('act_app') }, log });
  const topic = openTopicBus({ brokers: [brokers], log });
  try {
    const projectId = uuidv7();
    const commit = async (name: keyof typeof inputs): Promise<number> => {
      const input = commands[name].input.parse(inputs[name]);
      const answer = await hub.service.command(name, projectId, input, uuidv7());
      if (!answer.ok) throw new Error(answer.refusal.code);
      return answer.seq ?? 0;
    };
    await commit('project.create');
    const [byNotify, byTopic] = [listenTo(notify, projectId), listenTo(topic, projectId)];
    while (!notify.isHearing || !topic.isHearing) await delay(50);
    const delays: { notify: number[]; topic: number[] } = { notify: [], topic: [] };
    for (let at = 0; at < warmup + commits; at++) {
      const seq = await commit('task.create');
      const answeredAt = performance.now();
      const [one, other] = await Promise.all([byNotify(seq), byTopic(seq)]);
      if (at >= warmup) {
        delays.notify.push(one - answeredAt);
        delays.topic.push(other - answeredAt);
      }
      await delay(pauseMs * (0.5 + Math.random()));
    }
    return { notify: summaryOf(delays.notify), topic: summaryOf(delays.topic) };
  } finally {
    await Promise.all([notify.close(), topic.close()]);
    await hub.stop();
    await broker.stop();
    await server.stop();
  }
}

/**
 * `npm run bench -- buses [--json] [--commits N] [--pauseMs N] [--warmup N]`. How long after a commit’s answer another
 * hub would hear of it, by LISTEN and NOTIFY and from the topic of events, of the same commits: one hub on PostgreSQL
 * and on a Kafka with one broker, both on this machine.
 */
export async function runBuses(argv: readonly string[]): Promise<Published<BusesFigures>> {
  const { json, assert, only: _only, data: _data, ...sizes } = readFlags(argv, DEFAULTS);
  const print = makePrint(json);
  const heard = await withDirectory((directory) => measure(directory, sizes));
  const figures: BusesFigures = { bench: 'buses', host: describeHost(), sizes, ...heard };
  for (const name of ['notify', 'topic'] as const)
    print(`${name}: p50 ${figures[name].p50Ms.toFixed(1)} ms, p99 ${figures[name].p99Ms.toFixed(1)} ms`);
  return publish(figures, [], { json, ...(assert && { assert }) });
}
