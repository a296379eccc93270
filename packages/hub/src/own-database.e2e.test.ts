import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDatabaseIfMissing, startEmbedded } from '@agentmix/act-postgres';
import type { EmbeddedServer } from '@agentmix/act-postgres';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silentLogger } from '../test/start-test-hub.ts';
import { startHub } from './start-hub.ts';
import type { StartOptions } from './start-hub.ts';

describe('a hub on a PostgreSQL server of somebody’s own', () => {
  let folder: string;
  let server: EmbeddedServer;

  const urlOf = (user: string): string =>
    `postgres://${user}@/act?host=${encodeURIComponent(server.socketDir)}&port=${server.port}`;
  const start = (urls: Pick<StartOptions, 'databaseUrl' | 'migrateUrl'>): ReturnType<typeof startHub> =>
    startHub({ host: '127.0.0.1', port: 0, logger: silentLogger, dataDir: join(folder, 'hub'), ...urls });
  const asSuperuser = async (text: string): Promise<void> => {
    const { socketDir, port, superuser } = server;
    const client = new pg.Client({ host: socketDir, port, user: superuser, database: 'act' });
    await client.connect();
    await client.query(text);
    await client.end();
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'act-own-'));
    server = await startEmbedded({ dataDir: join(folder, 'server') });
    const { socketDir, port, superuser: user } = server;
    await createDatabaseIfMissing({ socketDir, port, user }, 'act');
  });
  afterAll(async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('does not serve as a user who could see every project', async () => {
    await expect(start({ databaseUrl: urlOf('postgres') })).rejects.toMatchObject({
      name: 'NotIsolated',
      message: expect.stringMatching(/log in as postgres.*DATABASE_URL name act_app, and ACT_MIGRATE_URL/),
    });
  });

  it('serves as act_app, with the schema made by another user or made before', async () => {
    for (const migrateUrl of [urlOf('postgres'), undefined]) {
      const hub = await start({
        databaseUrl: urlOf('act_app'),
        ...(migrateUrl === undefined ? {} : { migrateUrl }),
      });
      expect((await fetch(`${hub.url}/healthz`)).status).toBe(200);
      await hub.stop();
    }
  });

  it('does not serve while a table lacks what keeps projects apart', async () => {
    await asSuperuser('alter table act.tasks no force row level security');
    await expect(start({ databaseUrl: urlOf('act_app') })).rejects.toThrow(
      /does not keep projects apart: table act\.tasks: row-level security is not forced$/,
    );
    await asSuperuser('alter table act.tasks force row level security');
    await start({ databaseUrl: urlOf('act_app') }).then((hub) => hub.stop());
  });
});
