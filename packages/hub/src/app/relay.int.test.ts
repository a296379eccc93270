import { setTimeout as sleep } from 'node:timers/promises';
import { CloudEventEnvelope } from '@agentmix/act-contract';
import type { EventTopic } from '@agentmix/act-core';
import { followTopic, openEventTopic } from '@agentmix/act-kafka';
import type { Following, TopicMessage } from '@agentmix/act-kafka';
import { findKafka, startKafka } from '@agentmix/act-testing/engines';
import { uuidv7 } from 'uuidv7';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeService, newTask } from '../../test/make-service.ts';
import type { ServiceUnderTest } from '../../test/make-service.ts';
import { startRelay } from './relay.ts';
import type { Relay, RelayOptions } from './relay.ts';

const log = (): void => undefined;
const WAIT = { timeout: 40_000, interval: 50 };

/** What a consumer has that takes a project’s events in order and leaves out those it has had. */
const dedupe = (messages: readonly TopicMessage[]) => {
  let [seq, gaps, repeated] = [0, 0, 0];
  for (const message of messages) {
    if (message.seq <= seq) repeated++;
    else {
      if (message.seq > seq + 1) gaps++;
      seq = message.seq;
    }
  }
  return { seq, gaps, repeated };
};

describe.skipIf(findKafka() === undefined)('the relay to a real broker', () => {
  let broker: Awaited<ReturnType<typeof startKafka>>;
  let under: ServiceUnderTest;
  let topic: EventTopic;
  let following: Following;
  const heard = new Map<string, TopicMessage[]>();

  const kafka = () => ({ brokers: [broker.brokers], partitions: 4, retentionMs: 3_600_000, log });
  const relay = (options: Partial<RelayOptions> = {}): Relay =>
    startRelay({ store: under.failing.inner, topic, owner: uuidv7(), log, ...options });
  const write = async (count: number): Promise<void> => {
    for (let at = 0; at < count; at++) await under.run('task.create', newTask(`task ${at}`));
  };
  const end = (): number => under.service.lanes.of(under.projectId).state?.seq ?? 0;
  const mine = (): TopicMessage[] => heard.get(under.projectId) ?? [];
  const seen = () => dedupe(mine());

  beforeAll(async () => {
    broker = await startKafka();
    topic = openEventTopic(kafka());
    following = followTopic({ ...kafka(), groupId: `test-${uuidv7()}`, from: 'earliest' }, (message) =>
      heard.set(message.projectId, [...(heard.get(message.projectId) ?? []), message]),
    );
  }, 120_000);
  beforeEach(async () => {
    under = await makeService();
  });
  afterAll(async () => {
    await following.close();
    await topic.close();
    await broker.stop();
  });

  it('carries every event once and in order, as CloudEvents, while nothing breaks', async () => {
    const relaying = relay();
    await write(50);
    await expect.poll(seen, WAIT).toEqual({ seq: end(), gaps: 0, repeated: 0 });
    for (const { projectId, seq, value } of mine()) {
      const event = CloudEventEnvelope.parse(JSON.parse(value));
      expect(event).toMatchObject({
        id: `${projectId}/${seq}`,
        sequence: String(seq),
        partitionkey: projectId,
      });
    }
    await relaying.stop();
  });

  it('loses nothing and keeps the order when the broker is killed and comes back', async () => {
    const lines: string[] = [];
    const relaying = relay({ log: (line) => lines.push(line) });
    await write(20);
    await broker.kill();
    await write(200);
    await sleep(1_500);
    await broker.start();
    await write(20);
    await expect.poll(seen, WAIT).toMatchObject({ seq: end(), gaps: 0 });
    await expect
      .poll(() => lines, WAIT)
      .toEqual(['events are not carried and wait in the log', 'events are carried again']);
    await relaying.stop();
  }, 120_000);

  it('repeats, and loses nothing, when it ends between the answer of the broker and its checkpoint', async () => {
    const { inner } = under.failing;
    let isDying = true;
    const moveRelays: RelayOptions['store']['moveRelays'] = async (owner, moves) => {
      if (!isDying) return inner.moveRelays(owner, moves);
      await inner.moveRelays(
        owner,
        moves.map((move) => ({ ...move, seq: 0 })),
      );
      throw new Error('ended');
    };
    await write(10);
    const dying = relay({ store: { ...inner, moveRelays } });
    await expect.poll(seen, WAIT).toMatchObject({ seq: end() });
    await dying.stop();
    isDying = false;
    const next = relay();
    await write(10);
    await expect.poll(seen, WAIT).toMatchObject({ seq: end(), gaps: 0 });
    expect(seen().repeated).toBeGreaterThanOrEqual(10);
    await next.stop();
  });

  it('has one relayer at a time for a project, and of two the order of one', async () => {
    const relays = [relay(), relay(), relay()];
    const writing = write(300);
    for (let beat = 0; beat < 50; beat++) {
      for (const one of relays) one.wake(under.projectId);
      await sleep(10);
    }
    await writing;
    await expect.poll(seen, WAIT).toEqual({ seq: end(), gaps: 0, repeated: 0 });
    await Promise.all(relays.map((one) => one.stop()));
  });

  it('keeps the order after dedupe when a lease runs out under a relayer that is still at it', async () => {
    const { inner } = under.failing;
    const takeRelays: RelayOptions['store']['takeRelays'] = (owner, _leaseMs, ...rest) =>
      inner.takeRelays(owner, 1, ...rest);
    const slow: EventTopic = {
      ...topic,
      append: async (records) => {
        await topic.append(records);
        await sleep(20);
      },
    };
    const relays = [1, 2, 3].map(() => relay({ store: { ...inner, takeRelays }, topic: slow }));
    const writing = write(200);
    for (let beat = 0; beat < 50; beat++) {
      for (const one of relays) one.wake(under.projectId);
      await sleep(10);
    }
    await writing;
    await expect.poll(seen, WAIT).toMatchObject({ seq: end(), gaps: 0 });
    expect(seen().repeated).toBeGreaterThan(0);
    await Promise.all(relays.map((one) => one.stop()));
  });

  it('goes on where another left a project, when its lease has run out', async () => {
    await write(5);
    await under.failing.inner.takeRelays(uuidv7(), 2_000, 16);
    const relaying = relay();
    await sleep(1_000);
    expect(mine()).toEqual([]);
    await expect.poll(seen, WAIT).toEqual({ seq: end(), gaps: 0, repeated: 0 });
    await relaying.stop();
  });

  it('carries what is larger than one request in parts, in order', async () => {
    await write(1);
    const description = 'x'.repeat(16_000);
    await Promise.all(
      Array.from({ length: 100 }, () => under.run('task.create', { ...newTask('large'), description })),
    );
    const relaying = relay();
    await expect.poll(seen, WAIT).toEqual({ seq: end(), gaps: 0, repeated: 0 });
    await relaying.stop();
  });

  it('tells how much waits', async () => {
    const away: EventTopic = {
      append: () => Promise.reject(new Error('away')),
      close: async () => undefined,
    };
    await write(9);
    const relaying = relay({ topic: away });
    await expect.poll(relaying.backlog, WAIT).toBe(end());
    await relaying.stop();
  });
});
