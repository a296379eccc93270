export type { Engine } from './engine.ts';
export { choosePort } from './free-port.ts';
export { findKafka, installEngines } from './install.ts';
export { startKafka } from './kafka-broker.ts';
export type { KafkaOptions } from './kafka-broker.ts';
