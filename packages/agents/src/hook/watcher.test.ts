import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { keep } from './kept-file.ts';
import { forgetSession, sessionFile } from './kept-session.ts';
import { isRunning, processMark } from './process-mark.ts';
import { markWatcher, watcherOf, watchersHere } from './watcher.ts';
import type { Watcher } from './watcher.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'act-watcher-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** This process as the watcher of a working tree, for an agent that has a session. */
const watcherAt = (top: string, agentId: string): Watcher => {
  keep(sessionFile(home, 'p', agentId), { sessionId: 's' });
  return { ...processMark(process.pid), top, projectId: 'p', agentId };
};

it('of two watchers of a working tree the later stands, and the earlier takes no mark away but its own', () => {
  const [ada, bob] = [watcherAt('/shop', 'ada'), { ...watcherAt('/shop', 'bob'), start: 1 }];
  const [first, second] = [markWatcher(home, ada), markWatcher(home, bob)];
  expect([first.stands(), second.stands()]).toEqual([false, true]);
  first.remove();
  expect(second.stands()).toBe(true);
  second.remove();
  expect(second.stands()).toBe(false);
});

it('an agent that went to another working tree is not watched in the one it left', () => {
  const here = markWatcher(home, watcherAt('/shop', 'ada'));
  markWatcher(home, watcherAt('/shop-b', 'ada'));
  expect(here.stands()).toBe(false);
  expect(watchersHere(home).map(({ top }) => top)).toEqual(['/shop-b']);
});

it('a watcher whose session is over counts no more, though it still runs', () => {
  const watcher = watcherAt('/shop', 'ada');
  markWatcher(home, watcher);
  expect(watcherOf(home, '/shop')).toEqual(watcher);
  forgetSession(sessionFile(home, 'p', 'ada'));
  expect(watcherOf(home, '/shop')).toBeUndefined();
  expect(watchersHere(home)).toEqual([watcher]);
});

it('a process that ended runs no more, nor one that got its number', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  await once(child, 'spawn');
  const mark = processMark(child.pid ?? 0);
  expect(isRunning(mark)).toBe(true);
  if (mark.start !== undefined) expect(isRunning({ ...mark, start: mark.start + 1 })).toBe(false);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(isRunning(mark)).toBe(false);
});
