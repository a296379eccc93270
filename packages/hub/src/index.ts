export { startHub, TOKEN_FILE } from './start-hub.ts';
export type { Hub, StartOptions } from './start-hub.ts';
export { ConfigError, defaultDataDir, readConfig } from './config/env.ts';
export type { HubConfig } from './config/env.ts';
export { readToken } from './token-file.ts';
export { CoordinationService } from './app/coordination-service.ts';
export { hashRecord } from './app/batch.ts';
export type { Outcome } from './app/batch.ts';
export { VERSION } from './version.ts';
