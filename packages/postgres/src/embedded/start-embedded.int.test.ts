import { existsSync, readdirSync } from 'node:fs';
import { chown, mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { type EmbeddedServer, startEmbedded } from './index.ts';
import { isAlive } from './process-identity.ts';
import { Cleanup, sql } from './testing/hubs.mts';

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

async function start(options: Parameters<typeof startEmbedded>[0]): Promise<EmbeddedServer> {
  const server = await startEmbedded(options);
  cleanup.add(() => server.stop());
  return server;
}

const INSTALLED = '/usr/lib/postgresql/15/bin';
const installations: { title: string; binDir?: string }[] = [{ title: 'the npm package' }];
if (existsSync(join(INSTALLED, 'initdb'))) installations.push({ title: INSTALLED, binDir: INSTALLED });

describe.each(installations)('with the binaries of $title', { timeout: 60_000 }, ({ binDir }) => {
  const binaries = binDir === undefined ? {} : { binDir };

  test('creates a durable cluster that listens on its socket alone, and keeps data over a restart', async () => {
    const dataDir = join(await cleanup.directory(), 'data');
    const first = await start({ dataDir, ...binaries });
    expect(first).toMatchObject({ adopted: false, superuser: 'postgres' });
    const settings = `current_setting('fsync') || current_setting('synchronous_commit') ||
      current_setting('full_page_writes') || current_setting('data_checksums')`;
    const shown = await sql(
      first,
      'create table kept (id int)',
      'insert into kept values (1)',
      `select ${settings} as safe, current_setting('listen_addresses') as tcp, current_setting('jit') as jit,
        pg_encoding_to_char(encoding) as encoding from pg_database where datname = 'postgres'`,
    );
    expect(shown).toEqual([{ safe: 'onononon', tcp: '', jit: 'off', encoding: 'UTF8' }]);
    expect((await stat(first.socketDir)).mode & 0o777).toBe(0o700);
    await first.stop();
    expect(isAlive(first.pid)).toBe(false);
    expect(existsSync(join(dataDir, 'hub.lock'))).toBe(false);
    const second = await start({ dataDir, ...binaries, settings: { shared_buffers: '32MB' } });
    expect(second.adopted).toBe(false);
    const rows = await sql(second, `select id, current_setting('shared_buffers') as buffers from kept`);
    expect(rows).toEqual([{ id: 1, buffers: '32MB' }]);
  });

  test('says which version the cluster has if the binaries have another', async () => {
    const dataDir = join(await cleanup.directory(), 'data');
    await (await start({ dataDir, ...binaries })).stop();
    const versionFile = join(dataDir, 'pg', 'PG_VERSION');
    await writeFile(versionFile, '14\n');
    await expect(start({ dataDir, ...binaries })).rejects.toThrow(
      /is a cluster of PostgreSQL 14, but the binaries are PostgreSQL 1[58]\.\d+/,
    );
    expect(existsSync(join(dataDir, 'hub.lock'))).toBe(false);
  });
});

describe('the supervised server', { timeout: 60_000 }, () => {
  test('tells why it ended, and starts again although its pid belongs to another process now', async () => {
    const dataDir = join(await cleanup.directory(), 'data');
    const first = await start({ dataDir });
    const reasons: string[] = [];
    first.onExit((reason) => reasons.push(reason));
    await sql(first, 'create table kept (id int)');
    process.kill(first.pid, 'SIGKILL');
    await expect
      .poll(() => reasons, { timeout: 15_000 })
      .toEqual([`postgres (pid ${first.pid}) ended with signal SIGKILL`]);
    first.onExit((reason) => reasons.push(reason));
    expect(reasons).toHaveLength(2);
    await first.stop();
    // As after a reboot: the files stay, and their pid is somebody else's.
    const pidFile = join(dataDir, 'pg', 'postmaster.pid');
    const lines = (await readFile(pidFile, 'utf8')).split('\n');
    expect(lines[0]).toBe(String(first.pid));
    await writeFile(pidFile, [String(process.ppid), ...lines.slice(1)].join('\n'));
    await mkdir(first.socketDir, { mode: 0o700 });
    await writeFile(join(first.socketDir, '.s.PGSQL.5432.lock'), `${process.ppid}\n${dataDir}/pg\n`);
    const second = await start({ dataDir });
    expect(second.adopted).toBe(false);
    expect(await sql(second, 'select id from kept')).toEqual([]);
  });

  test('starts over a postmaster.pid that a power failure emptied', async () => {
    const dataDir = join(await cleanup.directory(), 'data');
    await (await start({ dataDir })).stop();
    await writeFile(join(dataDir, 'pg', 'postmaster.pid'), '');
    const server = await start({ dataDir });
    expect(await sql(server, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  test('explains a failing start with the server’s own words, and gives the directory free', async () => {
    const dataDir = join(await cleanup.directory(), 'data');
    await expect(start({ dataDir, settings: { no_such_setting: 'on' } })).rejects.toThrow(/no_such_setting/);
    await expect(start({ dataDir })).resolves.toMatchObject({ adopted: false });
  });

  test('refuses in one line a directory it cannot use', async () => {
    const directory = await cleanup.directory();
    const file = join(directory, 'file');
    await writeFile(file, '');
    await expect(start({ dataDir: file })).rejects.toThrow(
      `data directory ${file} is a file, not a directory`,
    );
    await expect(start({ dataDir: join(file, 'below') })).rejects.toThrow('lies below a file');
    await mkdir(join(directory, 'data', 'pg', 'something'), { recursive: true });
    await expect(start({ dataDir: join(directory, 'data') })).rejects.toThrow(
      'neither empty nor a PostgreSQL cluster',
    );
    await expect(start({ dataDir: directory, binDir: file })).rejects.toMatchObject({
      name: 'EmbeddedUnavailable',
      message: expect.stringContaining('set DATABASE_URL'),
    });
  });

  test('listens in a short directory of its own if the path is too long for a socket', async () => {
    const dataDir = join(await cleanup.directory(), 'd'.repeat(60), 'e'.repeat(60));
    const server = await start({ dataDir });
    expect(server.socketDir.startsWith(dataDir)).toBe(false);
    expect((await stat(server.socketDir)).mode & 0o777).toBe(0o700);
    expect(await sql(server, 'select 1 as one')).toEqual([{ one: 1 }]);
    await server.stop();
    expect(existsSync(server.socketDir)).toBe(false);
    await mkdir(server.socketDir);
    cleanup.add(() => rm(server.socketDir, { recursive: true }));
    if (process.geteuid?.() !== 0) return;
    await chown(server.socketDir, 12_345, 12_345);
    await expect(start({ dataDir })).rejects.toThrow(
      `${server.socketDir} belongs to somebody else (uid 12345)`,
    );
  });

  test.runIf(process.platform === 'linux')('leaks no file descriptors over starts and stops', async () => {
    const dataDir = join(await cleanup.directory(), 'data');
    const descriptors = (): number => readdirSync('/proc/self/fd').length;
    await (await start({ dataDir })).stop();
    await sleep(50);
    const before = descriptors();
    for (let round = 0; round < 3; round++) await (await start({ dataDir })).stop();
    await sleep(50);
    expect(descriptors()).toBeLessThanOrEqual(before);
    expect(await readdir(dataDir)).toEqual(['pg', 'postgres.log']);
  });
});
