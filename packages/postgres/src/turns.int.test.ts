import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Store, Turn } from '@agentmix/act-core';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabaseIfMissing } from './create-database.ts';
import { startEmbedded } from './embedded/index.ts';
import type { EmbeddedServer } from './embedded/index.ts';
import { migrate } from './migrate.ts';
import { makePostgresStore } from './postgres-store.ts';

const PROJECT_ID = '01900000-0000-7000-8000-000000000001';

describe('a turn in a project', () => {
  let folder: string;
  let server: EmbeddedServer;
  let admin: pg.Client;
  let hubs: Store[];
  const take = (hub: number, waitMs = 5_000): Promise<Turn | undefined> =>
    hubs[hub]?.takeTurn(PROJECT_ID, waitMs, 0) ?? Promise.reject(new Error('no hub'));
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'act-turns-'));
    server = await startEmbedded({ dataDir: join(folder, 'data') });
    const { socketDir, port, superuser: user } = server;
    await createDatabaseIfMissing({ socketDir, port, user }, 'act');
    await migrate({ connection: { socketDir, port, user } });
    admin = new pg.Client({ host: socketDir, port, user, database: 'act' });
    await admin.connect();
    await admin.query(
      `insert into act.projects (id, name, status, settings, last_seq, last_hash, written_seq, id_high, created_at, updated_at)
       values ($1, 'p', 'active', '{}', 1, '', 1, 0, now(), now())`,
      [PROJECT_ID],
    );
    hubs = [0, 1].map(() =>
      makePostgresStore({ connection: { socketDir, port, user: 'act_app' }, log: () => undefined }),
    );
  });
  afterAll(async () => {
    await Promise.all(hubs.map((hub) => hub.close()));
    await admin.end();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('begins when the one before ends, and tells what was committed until then', async () => {
    const first = await take(0);
    expect(first?.log).toMatchObject({ lastSeq: 1 });
    let hasBegun = false;
    const second = take(1).finally(() => (hasBegun = true));
    await sleep(100);
    expect(hasBegun).toBe(false);
    await admin.query('update act.projects set last_seq = 2 where id = $1', [PROJECT_ID]);
    first?.end();
    const turn = await second;
    expect(turn?.log).toEqual({ records: [], startSeq: 1, lastSeq: 2, writtenSeq: 1 });
    turn?.end();
  });

  it('is not waited for longer than wanted, and leaves the connection fit for the next', async () => {
    const first = await take(0);
    // More often than there are connections for turns.
    for (let round = 0; round < 5; round++) expect(await take(1, 50)).toBeUndefined();
    first?.end();
    const next = await take(1);
    expect(next?.log).toBeDefined();
    next?.end();
  });
});
