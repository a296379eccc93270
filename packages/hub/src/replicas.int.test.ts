import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EmbeddedServer } from '@agentmix/act-postgres';
import { findKafka, startKafka } from '@agentmix/act-testing/engines';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asked, done } from '../test/door.ts';
import { openRest } from '../test/rest-door.ts';
import { openSharedDatabase } from '../test/shared-database.ts';
import { makeProject } from '../test/world.ts';
import type { Sink } from './app/fan-out.ts';
import { startHub } from './start-hub.ts';
import type { Hub, StartOptions } from './start-hub.ts';

describe('hubs on one database', () => {
  let folder: string;
  let server: EmbeddedServer;
  let options: StartOptions;
  let ownerKey: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'act-replicas-'));
    ({ server, options } = await openSharedDatabase(folder));
  });
  afterAll(async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });
  const start = (name: string, more: StartOptions = {}): Promise<Hub> =>
    startHub({ ...options, dataDir: join(folder, name), ...more });

  it('that start at once on an empty database are one that made it, and others that want its keys', async () => {
    const tries = await Promise.allSettled(['a', 'b', 'c'].map((name) => start(name)));
    const served = tries.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const refused = tries.flatMap((one) => (one.status === 'rejected' ? [String(one.reason)] : []));
    expect(served).toHaveLength(1);
    for (const line of refused) expect(line).toMatch(/^ConfigError: this database has an owner already/);
    ownerKey = served[0]?.token ?? '';
    const others = await Promise.all(['b', 'c'].map((name) => start(name, { ownerKey })));
    await expect(
      start('d', { ownerKey, masterKeys: Buffer.alloc(32, 8).toString('base64') }),
    ).rejects.toThrow(/^other hubs of this database have another master key/);
    await expect(start('d', { ownerKey: 'act_live_no' })).rejects.toThrow(/^ACT_OWNER_KEY holds no API key/);
    await Promise.all([...served, ...others].map((hub) => hub.stop()));
  }, 60_000);

  it('show in every query what any of them answered before, while rows wait for their turn', async () => {
    const hubs = await Promise.all(['b', 'c'].map((name) => start(name, { ownerKey })));
    const [one, other] = hubs.map(openRest);
    if (!one || !other) throw new Error('no doors');
    const projectId = await makeProject(one);
    const { sessionId } = await done(one, 'agent.register', projectId, { agentId: 'ada', leaseMs: 30_000 });
    for (let round = 0; round < 5; round++) {
      const titles = Array.from({ length: 40 }, (_, at) => `t${round}.${at}`);
      const created = await Promise.all(
        titles.map((title) => done(one, 'task.create', projectId, { title })),
      );
      // So many at once that the rows of the claims are written later.
      await Promise.all(
        created.map(async ({ taskId }, at) => {
          const door = at % 2 === 0 ? one : other;
          await done(door, 'task.claim', projectId, { taskId, sessionId });
          const seen = await asked(at % 2 === 0 ? other : one, 'task.get', projectId, { taskId });
          expect(seen).toMatchObject({ status: 'claimed' });
        }),
      );
    }
    await Promise.all(hubs.map((hub) => hub.stop()));
  }, 60_000);

  it.skipIf(findKafka() === undefined)(
    'hear of each other from the topic of events, without a LISTEN',
    async () => {
      const broker = await startKafka();
      const kafka = {
        brokers: [broker.brokers],
        partitions: 4,
        retentionMs: 3_600_000,
        isTls: false,
        isInClear: false,
        isBus: true,
      };
      const hubs = await Promise.all(['b', 'c'].map((name) => start(name, { ownerKey, kafka })));
      const [one, other] = hubs;
      if (!one || !other) throw new Error('no hubs');
      const door = openRest(one);
      const projectId = await makeProject(door);
      const heard: string[] = [];
      const sink: Sink = {
        send: ({ text }) => heard.push(text) > 0,
        whenDrained: () => Promise.resolve(),
        close: () => undefined,
      };
      await other.service.subscribe(projectId, 0, sink);
      const write = async (title: string): Promise<void> => {
        await done(door, 'task.create', projectId, { title });
        await expect.poll(() => heard.some((text) => text.includes(title)), { interval: 5 }).toBe(true);
      };
      // The group is joined; who only looks in the database does so once a second until then.
      for (let at = 0; at < 5; at++) await write(`first ${at}`);
      const startedAt = performance.now();
      for (let at = 0; at < 20; at++) await write(`then ${at}`);
      // Half a second each by looking, and two while it hears.
      expect(performance.now() - startedAt).toBeLessThan(8_000);
      const client = new pg.Client({ host: server.socketDir, port: server.port, user: server.superuser });
      await client.connect();
      const { rows } = await client.query(`select from pg_stat_activity where query ilike 'listen%'`);
      expect(rows).toHaveLength(0);
      await client.end();
      await Promise.all(hubs.map((hub) => hub.stop()));
      await broker.stop();
    },
    120_000,
  );
});
