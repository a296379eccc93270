import type { EventTopic, LogRecord } from '@agentmix/act-core';
import { ProduceAcks, Producer, stringSerializers } from '@platformatic/kafka';
import { within } from './deadline.ts';
import { requestsOf } from './messages.ts';
import type { EventMessage } from './messages.ts';
import { clientOptions } from './options.ts';
import type { KafkaOptions } from './options.ts';
import { reasonOf } from './reason.ts';
import { ensureTopic } from './topic.ts';

const APPEND_MS_MAX = 10_000;

type Sender = Producer<string, string, string, string>;

/** What is under way is given up: whoever appended it does not count on it. */
const closeSender = (producer: Sender): Promise<void> =>
  new Promise((resolve) => producer.close(true, () => resolve()));

/**
 * The log’s topic. A message is in it when all in-sync replicas have it. After any failure the next append begins with
 * a new producer: nothing of a connection that was lost is trusted.
 */
export const openEventTopic = (options: KafkaOptions): EventTopic => {
  let opening: Promise<Sender> | undefined;

  const open = async (): Promise<Sender> => {
    await ensureTopic(options);
    return new Producer({ ...clientOptions(options), serializers: stringSerializers });
  };
  const forget = (failed: Promise<Sender>): void => {
    if (opening === failed) opening = undefined;
    void failed.then(closeSender, () => undefined);
  };
  const send = async (producer: Sender, records: readonly LogRecord[]): Promise<void> => {
    // One after the other: a part that follows one that was lost would leave a gap.
    for (const part of requestsOf(records)) {
      const messages: EventMessage[] = part;
      await producer.send({ messages, acks: ProduceAcks.ALL });
    }
  };
  return {
    append: async (records) => {
      const current = (opening ??= open());
      try {
        await within(
          APPEND_MS_MAX,
          current.then((producer) => send(producer, records)),
        );
      } catch (error) {
        forget(current);
        throw new Error(reasonOf(error), { cause: error });
      }
    },
    close: async () => {
      const current = opening;
      opening = undefined;
      const producer = await current?.catch(() => undefined);
      if (producer) await closeSender(producer);
    },
  };
};
