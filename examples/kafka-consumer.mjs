// Prints every event of every project once and in order, however often it comes: node examples/kafka-consumer.mjs
// KAFKA_BROKERS says where; run several with the same KAFKA_GROUP, and they share the projects among them.
import process from 'node:process';
import {
  Consumer,
  MessagesStreamFallbackModes,
  MessagesStreamModes,
  stringDeserializers,
} from '@platformatic/kafka';

const consumer = new Consumer({
  clientId: 'act-example',
  groupId: process.env.KAFKA_GROUP ?? 'act-example',
  bootstrapBrokers: (process.env.KAFKA_BROKERS ?? '127.0.0.1:9092').split(','),
  deserializers: stringDeserializers,
  autocommit: false,
});
const stream = await consumer.consume({
  topics: ['act.events'],
  mode: MessagesStreamModes.COMMITTED,
  fallbackMode: MessagesStreamFallbackModes.EARLIEST,
});

/**
 * The highest sequence number that was done, by project. Where the work has a database, keep it there and write it in
 * the same transaction as the work: then a restart repeats nothing either.
 */
const done = new Map();

process.once('SIGINT', () => void stream.close());
for await (const message of stream) {
  const event = JSON.parse(message.value);
  const sequence = Number(event.sequence);
  const last = done.get(event.partitionkey) ?? 0;
  if (sequence > last) {
    console.log(
      `${event.time} ${event.partitionkey} ${sequence} ${event.type} ${JSON.stringify(event.data)}`,
    );
    done.set(event.partitionkey, sequence);
  }
  // Only what is done: whoever is killed here gets it again.
  await message.commit();
}
await consumer.close();
