import { existsSync, readdirSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { startEmbedded } from './index.ts';
import { isAlive } from './process-identity.ts';
import { type Answer, type ChildHub, Cleanup, address, sql } from './testing/hubs.mts';

const TWO_HUBS_ROUNDS = 10;
const LIMITS = { timeout: 120_000 };

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

async function start(options: Parameters<typeof startEmbedded>[0]) {
  const server = await startEmbedded(options);
  cleanup.add(() => server.stop());
  return server;
}

/** A child hub whose server runs; the server is ended after the test even if the hub is killed. */
async function readyHub(orders: Record<string, unknown>): Promise<{ hub: ChildHub; answer: Answer }> {
  const hub = cleanup.hub(orders);
  const answer = await hub.answer();
  expect(answer).toMatchObject({ event: 'ready' });
  const { pid } = address(answer);
  cleanup.add(async () => {
    if (hub.process.signalCode === 'SIGKILL' && isAlive(pid)) process.kill(pid, 'SIGQUIT');
  });
  return { hub, answer };
}

test('adopts the server of a killed hub, with every acknowledged row, and stops it', LIMITS, async () => {
  const dataDir = join(await cleanup.directory(), 'data');
  const { hub, answer } = await readyHub({ dataDir });
  const orphan = address(answer);
  await sql(orphan, 'create table kept (id int)', 'insert into kept values (7)');
  await hub.kill();
  const server = await start({ dataDir });
  expect(server).toMatchObject({ adopted: true, pid: orphan.pid });
  expect(await sql(server, 'select id from kept')).toEqual([{ id: 7 }]);
  const reasons: string[] = [];
  server.onExit((reason) => reasons.push(reason));
  await server.stop();
  expect(isAlive(orphan.pid)).toBe(false);
  expect(reasons).toEqual([]);
});

test('watches an adopted server', LIMITS, async () => {
  const dataDir = join(await cleanup.directory(), 'data');
  const { hub, answer } = await readyHub({ dataDir });
  await hub.kill();
  const server = await start({ dataDir });
  const reasons: string[] = [];
  server.onExit((reason) => reasons.push(reason));
  process.kill(address(answer).pid, 'SIGKILL');
  await expect.poll(() => reasons, { timeout: 15_000 }).toHaveLength(1);
});

test('replaces an orphan that runs with other settings, and one that does not answer', LIMITS, async () => {
  const dataDir = join(await cleanup.directory(), 'data');
  const first = await readyHub({ dataDir });
  await sql(address(first.answer), 'create table kept (id int)', 'insert into kept values (7)');
  await first.hub.kill();
  const second = await readyHub({ dataDir, settings: { work_mem: '5MB' } });
  expect(second.answer).toMatchObject({ adopted: false });
  expect(isAlive(address(first.answer).pid)).toBe(false);
  await second.hub.kill();
  process.kill(address(second.answer).pid, 'SIGSTOP');
  const server = await start({ dataDir, settings: { work_mem: '5MB' } });
  expect(server.adopted).toBe(false);
  expect(isAlive(address(second.answer).pid)).toBe(false);
  expect(await sql(server, 'select id from kept')).toEqual([{ id: 7 }]);
});

test('recovers when hub and server are killed together', LIMITS, async () => {
  const dataDir = join(await cleanup.directory(), 'data');
  const { hub, answer } = await readyHub({ dataDir });
  await sql(address(answer), 'create table kept (id int)', 'insert into kept values (7)');
  // A backend that is at work notices the death of its postmaster late, and still uses the shared memory.
  const busy = sql(address(answer), 'select pg_sleep(30)').catch(() => 'cut off');
  await sleep(100);
  process.kill(address(answer).pid, 'SIGKILL');
  await hub.kill();
  const server = await start({ dataDir });
  expect(server.adopted).toBe(false);
  expect(await sql(server, 'select id from kept')).toEqual([{ id: 7 }]);
  expect(await busy).toBe('cut off');
});

test(`lets exactly one of two hubs start on a stale lock, ${TWO_HUBS_ROUNDS} times`, LIMITS, async () => {
  const dataDir = join(await cleanup.directory(), 'data');
  await (await start({ dataDir })).stop();
  for (let round = 0; round < TWO_HUBS_ROUNDS; round++) {
    await writeFile(
      join(dataDir, 'hub.lock'),
      JSON.stringify({ pid: process.pid, startedAt: '', startTicks: 1 }),
    );
    const startAtMs = Date.now() + 1_200;
    const hubs = [cleanup.hub({ dataDir, startAtMs }), cleanup.hub({ dataDir, startAtMs })];
    const answers = await Promise.all(hubs.map((hub) => hub.answer()));
    const winner = answers.findIndex((answer) => answer['event'] === 'ready');
    expect(answers.filter((answer) => answer['event'] === 'ready')).toHaveLength(1);
    expect(answers[1 - winner]).toMatchObject({
      name: 'DataDirectoryInUse',
      message: expect.stringContaining(
        `${dataDir} is in use by another hub (pid ${hubs[winner]?.process.pid},`,
      ),
    });
    await hubs[winner]?.finish();
  }
});

test('starts anew after a kill during the first start, at any moment of it', LIMITS, async () => {
  let unfinished = 0;
  for (const delayMs of [0, 100, 300, 500, 700, 900]) {
    const dataDir = join(await cleanup.directory(), 'data');
    const hub = cleanup.hub({ dataDir });
    const hasBegun = (): boolean =>
      existsSync(dataDir) && readdirSync(dataDir).some((name) => name.startsWith('pg.'));
    await expect.poll(hasBegun, { timeout: 10_000, interval: 2 }).toBe(true);
    await sleep(delayMs);
    await hub.kill();
    if (!existsSync(join(dataDir, 'pg'))) unfinished++;
    const server = await start({ dataDir });
    expect(await sql(server, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(readdirSync(dataDir).filter((name) => name.startsWith('pg.'))).toEqual([]);
    await server.stop();
  }
  expect(unfinished).toBeGreaterThan(0);
});

test('adopts or restarts after a kill during a later start, at any moment of it', LIMITS, async () => {
  const dataDir = join(await cleanup.directory(), 'data');
  const first = await start({ dataDir });
  await sql(first, 'create table kept (id int)', 'insert into kept values (7)');
  await first.stop();
  const logSize = (): number => statSync(join(dataDir, 'postgres.log')).size;
  for (const delayMs of [0, 2, 5, 10, 20, 40]) {
    const before = logSize();
    const hub = cleanup.hub({ dataDir });
    // The socket directory is made right before the process; the first line of the log comes right after.
    const hasBegun = (): boolean => existsSync(join(dataDir, 'run')) || logSize() > before;
    await expect.poll(hasBegun, { timeout: 10_000, interval: 1 }).toBe(true);
    await sleep(delayMs);
    await hub.kill();
    const server = await start({ dataDir });
    expect(await sql(server, 'select id from kept')).toEqual([{ id: 7 }]);
    await server.stop();
  }
});

test(
  'leaves the server alone when the terminal interrupts the hub, and lets the process end',
  LIMITS,
  async () => {
    const dataDir = join(await cleanup.directory(), 'data');
    const { hub, answer } = await readyHub({ dataDir });
    process.kill(-Number(hub.process.pid), 'SIGINT');
    await sleep(200);
    expect(await sql(address(answer), 'select 1 as one')).toEqual([{ one: 1 }]);
    await hub.finish();
    expect(isAlive(address(answer).pid)).toBe(false);
  },
);
