import { randomUUID } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { busAcceptance } from '@agentmix/act-testing/bus-acceptance';
import { findPgbouncer, startPgbouncer } from '@agentmix/act-testing/pgbouncer';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConnectionOptions } from './connection.ts';
import { createDatabaseIfMissing } from './create-database.ts';
import { startEmbedded } from './embedded/index.ts';
import type { EmbeddedServer } from './embedded/index.ts';
import { migrate } from './migrate.ts';
import { NotifyBus } from './notify-bus.ts';

let folder: string;
let server: EmbeddedServer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'act-bus-'));
  // As root the servers run as another user, who has to pass through.
  await chmod(folder, 0o711);
  server = await startEmbedded({ dataDir: join(folder, 'data') });
  const { socketDir, port, superuser: user } = server;
  await createDatabaseIfMissing({ socketDir, port, user }, 'act');
  await migrate({ connection: { socketDir, port, user } });
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

const direct = (): ConnectionOptions['connection'] => ({
  socketDir: server.socketDir,
  port: server.port,
  user: 'act_app',
});
const openBus = async (connection = direct(), lines: string[] = []): Promise<NotifyBus> => {
  const bus = new NotifyBus({ connection, log: (line) => void lines.push(line) });
  await expect.poll(() => bus.isHearing || lines.length > 0, { timeout: 10_000, interval: 5 }).toBe(true);
  return bus;
};

busAcceptance('LISTEN and NOTIFY', async () => ({ open: openBus, dispose: () => Promise.resolve() }));

describe('a bus on LISTEN and NOTIFY', () => {
  const asSuperuser = async <T extends pg.QueryResultRow>(text: string): Promise<T[]> => {
    const { socketDir: host, port, superuser: user } = server;
    const client = new pg.Client({ host, port, user, database: 'act' });
    await client.connect();
    try {
      return (await client.query<T>(text)).rows;
    } finally {
      await client.end();
    }
  };

  it('says at most one notification in 25 ms, however much is committed', async () => {
    const [one, other] = [await openBus(), await openBus()];
    const seqs: number[] = [];
    other.subscribe((_projectId, seq) => void seqs.push(seq));
    const projectId = randomUUID();
    const until = performance.now() + 500;
    let seq = 0;
    while (performance.now() < until) {
      one.publish(projectId, ++seq);
      await new Promise(setImmediate);
    }
    await expect.poll(() => seqs.at(-1), { timeout: 5_000 }).toBe(seq);
    expect(seqs.length).toBeLessThanOrEqual(22);
    await one.close();
    await other.close();
  });

  it('says little while it is alone, and at once more when another hub comes', async () => {
    const one = await openBus();
    const { socketDir: host, port, superuser: user } = server;
    const listener = new pg.Client({ host, port, user, database: 'act' });
    await listener.connect();
    let notifications = 0;
    listener.on('notification', () => notifications++);
    await listener.query('listen act_log');
    await sleep(5_500);
    const projectId = randomUUID();
    let seq = 0;
    const commit = setInterval(() => one.publish(projectId, ++seq), 5);
    notifications = 0;
    await sleep(1_500);
    expect(notifications).toBeGreaterThan(0);
    expect(notifications).toBeLessThanOrEqual(5);
    const other = await openBus();
    const seqs: number[] = [];
    other.subscribe((_projectId, heard) => void seqs.push(heard));
    await expect.poll(() => seqs.length, { timeout: 2_000, interval: 5 }).toBeGreaterThan(20);
    clearInterval(commit);
    await Promise.all([one.close(), other.close(), listener.end()]);
  }, 20_000);

  it('hears again after the server ended its connection, and says so meanwhile', async () => {
    const lines: string[] = [];
    const [one, other] = [await openBus(), await openBus(direct(), lines)];
    const seqs: number[] = [];
    other.subscribe((_projectId, seq) => void seqs.push(seq));
    await asSuperuser(
      `select pg_terminate_backend(pid) from pg_stat_activity where query like '%act_log%' and pid <> pg_backend_pid()`,
    );
    await expect.poll(() => lines.length, { timeout: 5_000, interval: 2 }).toBe(1);
    await expect.poll(() => one.isHearing && other.isHearing, { timeout: 10_000 }).toBe(true);
    one.publish(randomUUID(), 3);
    await expect.poll(() => seqs, { timeout: 5_000 }).toEqual([3]);
    await one.close();
    await other.close();
  });

  const program = findPgbouncer();
  it.skipIf(program === undefined)('behind a pooler hears nothing, says so, and is heard', async () => {
    const dir = join(folder, 'pgbouncer');
    const bouncer = await startPgbouncer({
      program: program ?? '',
      dir,
      socketDir: server.socketDir,
      poolSize: 2,
    });
    const lines: string[] = [];
    const [pooled, other] = [await openBus({ url: bouncer.url }, lines), await openBus()];
    expect(pooled.isHearing).toBe(false);
    expect(lines).toEqual([expect.stringContaining('ACT_LISTEN_URL')]);
    const seqs: number[] = [];
    other.subscribe((_projectId, seq) => void seqs.push(seq));
    pooled.publish(randomUUID(), 9);
    await expect.poll(() => seqs, { timeout: 5_000 }).toEqual([9]);
    await pooled.close();
    await other.close();
    await bouncer.stop();
  });
});
