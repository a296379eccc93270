import type { Bus, EventTopic, LogRecord } from '@agentmix/act-core';
import { busAcceptance } from '@agentmix/act-testing/bus-acceptance';
import { findKafka, startKafka } from '@agentmix/act-testing/engines';
import { describe, expect } from 'vitest';
import { appendSoon } from '../test/append-soon.ts';
import { recordOf } from '../test/record-of.ts';
import { openEventTopic } from './event-topic.ts';
import { openTopicBus } from './topic-bus.ts';

/** What a hub says is what its relay carries: one append after another, each with everything that waits. */
const carrying = (bus: Bus, topic: EventTopic): Bus => {
  let waiting: LogRecord[] = [];
  let isClosed = false;
  let carried = Promise.resolve();
  const carry = async (): Promise<void> => {
    const records = waiting.splice(0);
    if (records.length > 0 && !isClosed) await appendSoon(topic, records);
  };
  return {
    publish: (projectId, seq) => {
      waiting = [...waiting, recordOf(projectId, seq)];
      carried = carried.then(carry);
    },
    subscribe: (listener) => bus.subscribe(listener),
    get isHearing() {
      return bus.isHearing;
    },
    close: async () => {
      isClosed = true;
      await carried;
      await bus.close();
    },
  };
};

describe.skipIf(findKafka() === undefined)('with a real broker', () => {
  busAcceptance('the topic of events', async () => {
    const broker = await startKafka();
    const log = (): void => undefined;
    const kafka = { brokers: [broker.brokers], partitions: 4, retentionMs: 3_600_000, log };
    const topic = openEventTopic(kafka);
    await appendSoon(topic, [recordOf('00000000-0000-7000-8000-000000000000', 1)]);
    return {
      open: async () => {
        const bus = openTopicBus(kafka);
        await expect.poll(() => bus.isHearing, { timeout: 30_000, interval: 20 }).toBe(true);
        return carrying(bus, topic);
      },
      dispose: async () => {
        await topic.close();
        await broker.stop();
      },
    };
  });
});
