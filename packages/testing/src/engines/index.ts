export { canConfine, makeConfinement } from './confinement.ts';
export type { Confinement } from './confinement.ts';
export type { Engine } from './engine.ts';
export { choosePort } from './free-port.ts';
export { findKafka, hasRedis, installEngines, installRedis } from './install.ts';
export { startKafka } from './kafka-broker.ts';
export { startRedis } from './redis-server.ts';
export type { RedisServer } from './redis-server.ts';
export type { KafkaOptions, KafkaUser, SecuredListener } from './kafka-broker.ts';
