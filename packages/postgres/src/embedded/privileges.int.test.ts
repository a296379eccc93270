import { chmodSync, statSync } from 'node:fs';
import { chown, cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { startEmbedded } from './index.ts';
import { Cleanup, address, packageDir, sql } from './testing/hubs.mts';

const LIMITS = { timeout: 60_000 };
const NOBODY = 65_534;
const isLinuxRoot = process.platform === 'linux' && process.geteuid?.() === 0;

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

async function start(options: Parameters<typeof startEmbedded>[0]) {
  const server = await startEmbedded(options);
  cleanup.add(() => server.stop());
  return server;
}

function uidOf(pid: number): number {
  return statSync(`/proc/${pid}`).uid;
}

/** The binaries where only root can reach them. */
async function closedBinaries(): Promise<string> {
  const closed = await cleanup.directory();
  chmodSync(closed, 0o700);
  const copy = join(closed, 'package');
  await cp(packageDir(), copy, { recursive: true, verbatimSymlinks: true });
  return join(copy, 'native', 'bin');
}

describe.runIf(isLinuxRoot)('as root', () => {
  test('runs the server as nobody', LIMITS, async () => {
    const dataDir = join(await cleanup.directory(), 'data');
    const server = await start({ dataDir });
    expect(uidOf(server.pid)).toBe(NOBODY);
    expect(statSync(join(dataDir, 'pg')).uid).toBe(NOBODY);
    expect(await sql(server, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  test('keeps the user that the data directory belongs to', LIMITS, async () => {
    const dataDir = join(await cleanup.directory(), 'data');
    await mkdir(dataDir, { mode: 0o700 });
    await chown(dataDir, 2, 2);
    const server = await start({ dataDir });
    expect(uidOf(server.pid)).toBe(2);
    await server.stop();
    expect(statSync(join(dataDir, 'pg', 'PG_VERSION')).uid).toBe(2);
  });

  test(
    'runs it in a user namespace if only root can reach the binaries, over the same data',
    LIMITS,
    async () => {
      const dataDir = join(await cleanup.directory(), 'data');
      const open = await start({ dataDir });
      await sql(open, 'create table kept (id int)', 'insert into kept values (7)');
      await open.stop();
      const binDir = await closedBinaries();
      const server = await start({ dataDir, binDir });
      expect(uidOf(server.pid)).toBe(0);
      expect(statSync(join(dataDir, 'pg', 'base')).uid).toBe(0);
      expect(await sql(server, 'select id from kept')).toEqual([{ id: 7 }]);
      await server.stop();
      const again = await start({ dataDir });
      expect(uidOf(again.pid)).toBe(NOBODY);
      expect(await sql(again, 'select id from kept')).toEqual([{ id: 7 }]);
    },
  );

  test('creates a cluster and adopts its server in a user namespace', LIMITS, async () => {
    const closed = await cleanup.directory();
    chmodSync(closed, 0o700);
    const dataDir = join(closed, 'data');
    const binDir = await closedBinaries();
    const hub = cleanup.hub({ dataDir, binDir });
    const answer = await hub.answer();
    expect(answer).toMatchObject({ event: 'ready' });
    await sql(address(answer), 'create table kept (id int)');
    await hub.kill();
    const server = await start({ dataDir, binDir });
    expect(server).toMatchObject({ adopted: true, pid: address(answer).pid });
    expect(await sql(server, 'select id from kept')).toEqual([]);
  });

  test('works for an unprivileged hub, whose users’ data directory is closed to others', LIMITS, async () => {
    const directory = await cleanup.directory();
    await chown(directory, NOBODY, NOBODY);
    const dataDir = join(directory, 'data');
    const hub = cleanup.hub({ dataDir }, { uid: NOBODY, gid: NOBODY });
    const answer = await hub.answer();
    expect(answer).toMatchObject({ event: 'ready', adopted: false });
    expect(uidOf(address(answer).pid)).toBe(NOBODY);
    expect(statSync(dataDir).mode & 0o777).toBe(0o700);
    await hub.finish();
  });
});

test.runIf(isLinuxRoot)('says what to do if no user can run the binaries', LIMITS, async () => {
  const binDir = await closedBinaries();
  chmodSync(join(binDir, 'postgres'), 0o600);
  const dataDir = join(await cleanup.directory(), 'data');
  await expect(start({ dataDir, binDir })).rejects.toMatchObject({
    name: 'EmbeddedUnavailable',
    message: expect.stringMatching(/as uid 65534: .*denied; namespace: .*denied\); set DATABASE_URL/),
  });
});
