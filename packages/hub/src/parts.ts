/** What `startHub` makes a hub of, for measurements that put it together otherwise. */
export type { Authenticated, Bearer } from './access/access.ts';
export type { Gate } from './gateway/limits/gate.ts';
export { openDoors } from './gateway/open-doors.ts';
export { makeLogger } from './observe/logger.ts';
export { makeServiceMetrics } from './observe/service-metrics.ts';
export { openDatabase } from './open-database.ts';
