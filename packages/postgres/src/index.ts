export { createDatabaseIfMissing } from './create-database.ts';
export { makePostgresStore } from './postgres-store.ts';
export { makePostgresTokenStores } from './token-stores.ts';
export type { TokenStores } from './token-stores.ts';
export { migrate, SchemaTooNew } from './migrate.ts';
export type { ConnectionOptions } from './connection.ts';
export { DataDirectoryInUse, EmbeddedUnavailable, startEmbedded } from './embedded/index.ts';
export type { EmbeddedOptions, EmbeddedServer } from './embedded/index.ts';
