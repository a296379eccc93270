import { join } from 'node:path';
import { createDatabaseIfMissing, startEmbedded } from '@agentmix/act-postgres';
import type { EmbeddedServer } from '@agentmix/act-postgres';
import type { StartOptions } from '../src/start-hub.ts';
import { NO_RATE_LIMITS, silentLogger } from './start-test-hub.ts';

/** A server below the folder for several hubs, and what each of them is started with, besides its data directory. */
export const openSharedDatabase = async (
  folder: string,
): Promise<{ readonly server: EmbeddedServer; readonly options: StartOptions }> => {
  const server = await startEmbedded({ dataDir: join(folder, 'server') });
  const { socketDir, port, superuser } = server;
  await createDatabaseIfMissing({ socketDir, port, user: superuser }, 'act');
  const urlOf = (user: string): string =>
    `postgres://${user}@/act?host=${encodeURIComponent(socketDir)}&port=${port}`;
  const options = {
    host: '127.0.0.1',
    port: 0,
    logger: silentLogger,
    limits: NO_RATE_LIMITS,
    databaseUrl: urlOf('act_app'),
    migrateUrl: urlOf(superuser),
    masterKeys: Buffer.alloc(32, 7).toString('base64'),
  };
  return { server, options };
};
