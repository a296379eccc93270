export { openEventTopic } from './event-topic.ts';
export { followTopic } from './follow-topic.ts';
export type { FollowOptions, Following, TopicMessage } from './follow-topic.ts';
export { SASL_MECHANISMS } from './options.ts';
export type { KafkaOptions, KafkaSasl, KafkaTls } from './options.ts';
export { openTopicBus } from './topic-bus.ts';
