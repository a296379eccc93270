import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { DataDirectoryInUse } from './errors.ts';
import { acquireLock } from './lock.ts';
import { processStart } from './process-identity.ts';
import { Cleanup } from './testing/hubs.mts';

/** No system gives out such a pid. */
const DEAD_PID = 2 ** 30;
const RACE_DIRECTORIES = 200;
const RACE_HUBS = 3;

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

function staleLock(pid: number, fields: Record<string, unknown> = {}): string {
  return JSON.stringify({ pid, startedAt: '2026-01-01T00:00:00.000Z', startTicks: 1, ...fields });
}

function nextName(text: string): string {
  return `hub.lock.${createHash('sha256').update(text).digest('hex').slice(0, 32)}.next`;
}

test('gives the lock to one holder, names him to others, and is free after the release', async () => {
  const directory = await cleanup.directory();
  const lock = acquireLock(directory);
  const held = JSON.parse(await readFile(join(directory, 'hub.lock'), 'utf8')) as Record<string, unknown>;
  expect(held).toMatchObject({ pid: process.pid, startTicks: processStart(process.pid) });
  expect(() => acquireLock(directory)).toThrow(DataDirectoryInUse);
  expect(() => acquireLock(directory)).toThrow(`${directory} is in use by another hub (pid ${process.pid}`);
  lock.release();
  acquireLock(directory).release();
  expect(await readdir(directory)).toEqual([]);
});

test('takes the lock of a dead process, of a reused pid, of another boot, and an emptied one', async () => {
  for (const text of [
    staleLock(DEAD_PID),
    staleLock(process.pid),
    staleLock(process.pid, { startTicks: processStart(process.pid), bootId: 'another boot' }),
    '',
    '{"pid":',
  ]) {
    const directory = await cleanup.directory();
    await writeFile(join(directory, 'hub.lock'), text);
    acquireLock(directory).release();
    expect(await readdir(directory)).toEqual([]);
  }
});

test('succeeds contenders that were killed half way, and refuses while a contender lives', async () => {
  const directory = await cleanup.directory();
  const first = staleLock(DEAD_PID);
  const second = staleLock(DEAD_PID, { nonce: 2 });
  const third = staleLock(process.pid, { nonce: 3, startTicks: processStart(process.pid) });
  await writeFile(join(directory, 'hub.lock'), first);
  await writeFile(join(directory, nextName(first)), second);
  await writeFile(join(directory, nextName(second)), third);
  expect(() => acquireLock(directory)).toThrow(DataDirectoryInUse);
  await writeFile(join(directory, nextName(second)), staleLock(DEAD_PID, { nonce: 3 }));
  acquireLock(directory).release();
  expect(await readdir(directory)).toEqual([]);
});

test(
  `lets exactly one of ${RACE_HUBS} hubs take a stale lock at the same moment`,
  { timeout: 60_000 },
  async () => {
    const parent = await cleanup.directory();
    const stale = staleLock(DEAD_PID);
    const lockDirs: string[] = [];
    for (let index = 0; index < RACE_DIRECTORIES; index++) {
      const directory = join(parent, String(index));
      lockDirs.push(directory);
      await mkdir(directory);
      await writeFile(join(directory, 'hub.lock'), stale);
      // Every other one with a contender that was killed before.
      if (index % 2 === 1)
        await writeFile(join(directory, nextName(stale)), staleLock(DEAD_PID, { nonce: index }));
    }
    const startAtMs = Date.now() + 3_000;
    const hubs = Array.from({ length: RACE_HUBS }, () => cleanup.hub({ lockDirs, startAtMs, everyMs: 10 }));
    const answers = await Promise.all(hubs.map((hub) => hub.answer()));
    const wins = lockDirs.map((_, index) => answers.map((answer) => (answer['won'] as unknown[])[index]));
    for (const win of wins) {
      expect(win.filter((value) => value === true)).toHaveLength(1);
      expect(win.filter((value) => value === false)).toHaveLength(RACE_HUBS - 1);
    }
    // The race was one: more than one hub has won somewhere.
    expect(answers.filter((answer) => (answer['won'] as unknown[]).includes(true)).length).toBeGreaterThan(1);
    await Promise.all(hubs.map((hub) => hub.finish()));
  },
);
