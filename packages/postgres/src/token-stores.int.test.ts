import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tokenStoresAcceptance } from '@agentmix/act-testing/token-acceptance';
import { createDatabaseIfMissing } from './create-database.ts';
import { startEmbedded } from './embedded/index.ts';
import { migrate } from './migrate.ts';
import { makePostgresTokenStores } from './token-stores.ts';

tokenStoresAcceptance('PostgreSQL', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'act-token-stores-'));
  const server = await startEmbedded({ dataDir: join(folder, 'data') });
  const { socketDir, port, superuser } = server;
  await createDatabaseIfMissing({ socketDir, port, user: superuser }, 'act');
  await migrate({ connection: { socketDir, port, user: superuser } });
  const connection = { socketDir, port, user: 'act_app' };
  const stores = makePostgresTokenStores({ connection, log: () => undefined });
  return {
    ...stores,
    dispose: async () => {
      await stores.close();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
});
