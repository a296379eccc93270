import { EVENTS_TOPIC } from '@agentmix/act-contract';
import { Admin } from '@platformatic/kafka';
import { clientOptions } from './options.ts';
import type { KafkaOptions } from './options.ts';
import { reasonOf } from './reason.ts';

/** One event may be as large as the largest call, and its envelope comes on top: brokers take 1 MiB by themselves. */
const MESSAGE_BYTES_MAX = 4_194_304;

const configOf = ({ retentionMs }: KafkaOptions) => [
  // Compaction would keep the last event of each project and drop the others: its key is the project.
  { name: 'cleanup.policy', value: 'delete' },
  { name: 'retention.ms', value: String(retentionMs) },
  { name: 'max.message.bytes', value: String(MESSAGE_BYTES_MAX) },
];

/**
 * Makes the topic where it is missing. One that is there is left as it is. Rejects in one line that says what to do
 * when it is missing and may not be made.
 */
export const ensureTopic = async (options: KafkaOptions): Promise<void> => {
  const admin = new Admin(clientOptions(options));
  try {
    const topics = await admin.listTopics();
    if (topics.includes(EVENTS_TOPIC)) return;
    const { partitions } = options;
    await admin.createTopics({
      topics: [EVENTS_TOPIC],
      partitions,
      replicas: -1,
      configs: configOf(options),
    });
    options.log('the topic was made', { topic: EVENTS_TOPIC, partitions });
  } catch (error) {
    const reason = reasonOf(error);
    if (/already exists/i.test(reason)) return;
    if (/authoriz/i.test(reason))
      throw new Error(
        `topic ${EVENTS_TOPIC} is missing and may not be made (${reason}): make it, or let this user create it`,
        { cause: error },
      );
    throw error;
  } finally {
    await admin.close().catch(() => undefined);
  }
};
