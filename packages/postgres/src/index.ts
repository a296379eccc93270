export { createDatabaseIfMissing } from './create-database.ts';
export { makePostgresStore, openPostgresStore } from './postgres-store.ts';
export { inScope, openPool } from './connection.ts';
export { inspectConnection, isolationProblems, NotIsolated } from './isolation-check.ts';
export { migrate, SchemaTooNew, SchemaTooOld } from './migrate.ts';
export type { ConnectionOptions } from './connection.ts';
export { DataDirectoryInUse, EmbeddedUnavailable, startEmbedded } from './embedded/index.ts';
export type { EmbeddedOptions, EmbeddedServer } from './embedded/index.ts';
