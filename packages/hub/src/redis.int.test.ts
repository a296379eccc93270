import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EmbeddedServer } from '@agentmix/act-postgres';
import { hasRedis, startRedis } from '@agentmix/act-testing/engines';
import type { RedisServer } from '@agentmix/act-testing/engines';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asked, done } from '../test/door.ts';
import type { Door } from '../test/door.ts';
import { openRest } from '../test/rest-door.ts';
import { openSharedDatabase } from '../test/shared-database.ts';
import { NO_RATE_LIMITS } from '../test/start-test-hub.ts';
import { makeProject } from '../test/world.ts';
import { startHub } from './start-hub.ts';
import type { Hub, StartOptions } from './start-hub.ts';

const WAIT = { timeout: 10_000, interval: 20 };

describe.skipIf(!hasRedis())('hubs that share a Redis', () => {
  let folder: string;
  let server: EmbeddedServer;
  let redis: RedisServer;
  let hubs: Hub[];
  let [one, other]: [Door, Door] = [] as never;
  let projectId: string;
  let options: StartOptions;

  /** What a program outside sees. */
  const seen = async (key: string): Promise<Record<string, unknown>> => {
    const hash = (await redis.ask('HGETALL', key)) as Record<string, string>;
    return Object.fromEntries(Object.entries(hash).map(([name, json]) => [name, JSON.parse(json)]));
  };
  const put = (door: Door, key: string, value: unknown) => done(door, 'state.put', projectId, { key, value });
  /** How long somebody who waits for work at one hub waits for what the other makes. */
  const wakeMs = async (sessionId: string): Promise<number> => {
    const waiting = done(other, 'task.next', projectId, { sessionId, waitMs: 20_000 });
    await sleep(100);
    const started = performance.now();
    await done(one, 'task.create', projectId, { title: 'work' });
    expect(await waiting).toHaveProperty('claim');
    return performance.now() - started;
  };
  const register = async (agentId: string): Promise<string> => {
    const session = await done(other, 'agent.register', projectId, { agentId, leaseMs: 60_000 });
    return String(session['sessionId']);
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'act-redis-hubs-'));
    redis = await startRedis();
    const shared = await openSharedDatabase(folder);
    server = shared.server;
    options = { ...shared.options, redis: { url: redis.url, isInClear: false } };
    const first = await startHub({ ...options, dataDir: join(folder, 'one') });
    options = { ...options, ownerKey: first.token };
    hubs = [first, await startHub({ ...options, dataDir: join(folder, 'other') })];
    [one, other] = hubs.map(openRest) as [Door, Door];
    projectId = await makeProject(one);
  }, 60_000);
  afterAll(async () => {
    await Promise.all(hubs.map((hub) => hub.stop()));
    await redis.stop();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('wake each other’s waiters at once, and within two seconds while it is away or stands still', async () => {
    const sessionId = await register('ada');
    expect(await wakeMs(sessionId)).toBeLessThan(900);
    redis.signal('SIGSTOP');
    expect(await wakeMs(sessionId)).toBeLessThan(2_000);
    redis.signal('SIGCONT');
    await redis.kill();
    expect(await wakeMs(sessionId)).toBeLessThan(2_000);
    await redis.start();
    await sleep(3_000);
    expect(await wakeMs(sessionId)).toBeLessThan(900);
  }, 60_000);

  it('show live state as it is in the database, whatever becomes of what they showed', async () => {
    const key = `project:${projectId}`;
    await put(one, 'build', { ok: true });
    await expect.poll(() => seen(key), WAIT).toEqual({ build: { ok: true } });
    await put(other, 'build', { ok: false });
    await put(one, 'deploy', [1]);
    await expect.poll(() => seen(key), WAIT).toEqual({ build: { ok: false }, deploy: [1] });
    await redis.ask('FLUSHALL');
    await expect.poll(() => seen(key), WAIT).toEqual({ build: { ok: false }, deploy: [1] });
    await redis.kill();
    await done(other, 'state.delete', projectId, { key: 'build' });
    await redis.start();
    await expect.poll(() => seen(key), WAIT).toEqual({ deploy: [1] });
  }, 60_000);

  it('answer from the database, whatever somebody wrote over what they showed', async () => {
    await put(one, 'truth', 'database');
    await expect.poll(() => seen(`project:${projectId}`), WAIT).toMatchObject({ truth: 'database' });
    await redis.ask('HSET', `project:${projectId}`, 'truth', '"forged"');
    for (const door of [one, other])
      expect(await asked(door, 'state.get', projectId, { key: 'truth' })).toMatchObject({
        value: 'database',
      });
  });

  it('show which agents they heard, and by what hub', async () => {
    const sessionId = await register('grace');
    await done(other, 'agent.heartbeat', projectId, { sessionId });
    const board = (): Promise<Record<string, unknown>> => seen(`project:${projectId}:presence`);
    await expect.poll(async () => Object.keys(await board()), WAIT).toContain('grace');
    const { hub } = (await board())['grace'] as { hub: string };
    const shown = async (): Promise<unknown> =>
      JSON.parse(((await redis.ask('GET', `act:hub:${hub}`)) as string | null) ?? 'null');
    await expect.poll(shown, WAIT).toMatchObject({ pid: process.pid });
  }, 20_000);

  it('keep one limit together, and each its own while it is away', async () => {
    const limited = { ...options, limits: { ...NO_RATE_LIMITS, projectPerSecond: 40 } };
    const pair = await Promise.all(
      ['three', 'four'].map((name) => startHub({ ...limited, dataDir: join(folder, name) })),
    );
    const doors = pair.map(openRest);
    /** Calls granted a second, of a flood at both. */
    const flood = async (seconds: number): Promise<number> => {
      const until = performance.now() + seconds * 1_000;
      let granted = 0;
      const caller = async (door: Door): Promise<void> => {
        while (performance.now() < until) {
          if ((await door.query('project.get', projectId, {})).ok) granted++;
          await sleep(5);
        }
      };
      await Promise.all(doors.flatMap((door) => [caller(door), caller(door)]));
      return granted / seconds;
    };
    const together = await flood(6);
    await redis.kill();
    await sleep(9_000);
    const apart = await flood(4);
    await redis.start();
    await Promise.all(pair.map((hub) => hub.stop()));
    expect(together).toBeLessThan(40 * 1.5);
    expect(apart).toBeGreaterThan(40 * 1.5);
  }, 60_000);

  it('start and serve without it', async () => {
    await redis.kill();
    const hub = await startHub({ ...options, dataDir: join(folder, 'five') });
    expect((await openRest(hub).query('project.get', projectId, {})).ok).toBe(true);
    await hub.stop();
    await redis.start();
  }, 20_000);
});
