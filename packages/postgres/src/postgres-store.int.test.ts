import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { storeAcceptance } from '@agentmix/act-testing/acceptance';
import { createDatabaseIfMissing } from './create-database.ts';
import { startEmbedded } from './embedded/index.ts';
import { migrate } from './migrate.ts';
import { makePostgresStore } from './postgres-store.ts';

const makeStore = (binDir?: string) => async () => {
  const folder = await mkdtemp(join(tmpdir(), 'act-store-'));
  const server = await startEmbedded({
    dataDir: join(folder, 'data'),
    ...(binDir === undefined ? {} : { binDir }),
  });
  const { socketDir, port, superuser } = server;
  await createDatabaseIfMissing({ socketDir, port, user: superuser }, 'act');
  await migrate({ connection: { socketDir, port, user: superuser } });
  const store = makePostgresStore({ connection: { socketDir, port, user: 'act_app' }, log: () => undefined });
  return {
    store,
    dispose: async () => {
      await store.close();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

storeAcceptance('the embedded PostgreSQL', makeStore());

// The seed's release, where the machine has it: the oldest one that the hub supports.
const POSTGRESQL_15 = '/usr/lib/postgresql/15/bin';
if (existsSync(POSTGRESQL_15)) storeAcceptance('PostgreSQL 15', makeStore(POSTGRESQL_15));
