import { randomUUID } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { storeAcceptance } from '@agentmix/act-testing/acceptance';
import { findPgbouncer, startPgbouncer } from '@agentmix/act-testing/pgbouncer';
import type { Pgbouncer } from '@agentmix/act-testing/pgbouncer';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Committers } from './committers.ts';
import { createDatabaseIfMissing } from './create-database.ts';
import { COMMIT_SQL } from './commit.ts';
import { inScope, openPool } from './connection.ts';
import { startEmbedded } from './embedded/index.ts';
import { inspectConnection } from './isolation-check.ts';
import { migrate } from './migrate.ts';
import { openPostgresStore } from './postgres-store.ts';

const program = findPgbouncer();

/** Fewer connections than the store has: its transactions take turns, and none keeps the one it had. */
const POOL_SIZE = 2;

const start = async (): Promise<{ bouncer: Pgbouncer; stop: () => Promise<void> }> => {
  const folder = await mkdtemp(join(tmpdir(), 'act-pooler-'));
  // As root both servers run as another user, who has to pass through.
  await chmod(folder, 0o711);
  const server = await startEmbedded({ dataDir: join(folder, 'data') });
  const { socketDir, port, superuser: user } = server;
  await createDatabaseIfMissing({ socketDir, port, user }, 'act');
  await migrate({ connection: { socketDir, port, user } });
  const dir = join(folder, 'pgbouncer');
  const bouncer = await startPgbouncer({ program: program ?? '', dir, socketDir, poolSize: POOL_SIZE });
  return {
    bouncer,
    stop: async () => {
      await bouncer.stop();
      await server.stop();
      await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    },
  };
};

describe.skipIf(program === undefined)('behind pgbouncer in transaction mode', () => {
  storeAcceptance('PostgreSQL behind pgbouncer', async () => {
    const { bouncer, stop } = await start();
    const store = await openPostgresStore({ connection: { url: bouncer.url }, log: () => undefined });
    return {
      store,
      dispose: async () => {
        await store.close();
        await stop();
      },
    };
  });

  const PARAMETERS = COMMIT_SQL.match(/\$\d+/g)?.length ?? 0;

  describe('the connection', () => {
    let bouncer: Pgbouncer;
    let stop: () => Promise<void>;
    beforeAll(async () => ({ bouncer, stop } = await start()));
    afterAll(() => stop());

    /** Transactions and statements that the server was sent so far, as the pooler counts them. */
    const totals = async (): Promise<{ transactions: number; queries: number }> => {
      const client = new pg.Client({
        host: bouncer.host,
        port: bouncer.port,
        user: 'act_app',
        database: 'pgbouncer',
      });
      await client.connect();
      const { rows } = await client.query<Record<string, string>>('show stats_totals');
      await client.end();
      const act = rows.find((row) => row['database'] === 'act');
      return { transactions: Number(act?.['xact_count']), queries: Number(act?.['query_count']) };
    };

    it('is known as pooled', async () => {
      expect(await inspectConnection({ connection: { url: bouncer.url } })).toEqual({ isPooled: true });
    });

    it('carries a commit as one statement in one round trip', async () => {
      const committers = new Committers({
        connection: { url: bouncer.url },
        isPooled: true,
        log: () => undefined,
      });
      const commit = (): Promise<unknown> => {
        const projectId = randomUUID();
        // Another writer was faster: everything a commit does before its rows.
        const values = [projectId, 7, ...Array<null>(PARAMETERS - 2).fill(null)];
        return committers.query(projectId, { text: COMMIT_SQL, values });
      };
      await commit();
      const before = await totals();
      for (let count = 0; count < 20; count++) expect(await commit()).toMatchObject([{ outcome: 'stale' }]);
      const after = await totals();
      expect(after.queries - before.queries).toBe(20);
      expect(after.transactions - before.transactions).toBe(20);
      await committers.close();
    });

    it('is left without a setting, also when it was left with one before', async () => {
      const pool = openPool({ connection: { url: bouncer.url }, log: () => undefined });
      const [mine, theirs] = [randomUUID(), randomUUID()];
      const settings = `select current_setting('act.project_id', true) as project, current_setting('act.scope', true) as scope`;
      for (let count = 0; count < POOL_SIZE * 4; count++) {
        await pool.query(
          `select set_config('act.project_id', $1, false), set_config('act.scope', 'hub', false)`,
          [theirs],
        );
        const { rows } = await inScope(pool, { projectId: mine }, (client) => client.query(settings));
        expect(rows).toEqual([{ project: mine, scope: '' }]);
      }
      await pool.end();
    });
  });
});
