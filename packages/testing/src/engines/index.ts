export type { Engine } from './engine.ts';
export { choosePort } from './free-port.ts';
export { findKafka, hasRedis, installEngines } from './install.ts';
export { startKafka } from './kafka-broker.ts';
export type { KafkaOptions } from './kafka-broker.ts';
export { startRedis } from './redis-server.ts';
