export { RedisRefused } from './connection.ts';
export type { RedisOptions, RedisTls } from './connection.ts';
export { openRedis } from './open-redis.ts';
export type { Redis } from './open-redis.ts';
