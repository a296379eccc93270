export { openEventTopic } from './event-topic.ts';
export { SASL_MECHANISMS } from './options.ts';
export type { KafkaOptions, KafkaSasl, KafkaTls } from './options.ts';
