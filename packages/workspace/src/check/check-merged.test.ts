import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Evidence } from '@agentmix/act-contract';
import { testGit } from '../../test/take.ts';
import { bytesBelow, cloneOf, temporaryRepository } from '../../test/temporary-repository.ts';
import type { TemporaryRepository } from '../../test/temporary-repository.ts';
import { openRepository } from '../git/repository.ts';
import { checkMerged } from './check-merged.ts';
import type { CheckOptions } from './check-merged.ts';

const made: TemporaryRepository[] = [];
let scratches = '';
beforeEach(() => {
  scratches = mkdtempSync(join(tmpdir(), 'act-check-test-'));
  vi.stubEnv('TMPDIR', scratches);
});
afterEach(() => {
  vi.unstubAllEnvs();
  for (const repository of made.splice(0)) repository.delete();
  rmSync(scratches, { recursive: true });
});

/** A main branch with `a` and `main`, and a worktree whose branch has `a` and `work`. */
const diverged = (branch = 'work'): { main: TemporaryRepository; work: TemporaryRepository } => {
  vi.stubEnv('TMPDIR', undefined);
  const main = temporaryRepository();
  vi.stubEnv('TMPDIR', scratches);
  made.push(main);
  main.write('a', 'a\n');
  main.commit('first');
  const work = main.worktree(branch);
  work.write('work', 'w\n');
  work.commit('work');
  main.write('main', 'm\n');
  main.commit('main');
  return { main, work };
};

const node = (script: string): string[] => [process.execPath, '-e', script];
const check = async (
  { root }: TemporaryRepository,
  command: readonly string[],
  more: Partial<CheckOptions> = {},
) => {
  const options = { name: 'tests', command, timeoutMs: 30_000, env: { PATH: process.env['PATH'] }, ...more };
  const result = await checkMerged(testGit, await openRepository(testGit, root), options);
  expect(Evidence.safeParse({ checks: [result.check] }).success).toBe(true);
  return result;
};

it('runs the command on both branches’ files, and the merge is the HEAD of a clean repository there', async () => {
  const { work } = diverged();
  const script = `
    const { execFileSync } = require('node:child_process');
    const git = (...args) => execFileSync('git', args, { encoding: 'utf8' });
    const files = require('node:fs').readdirSync('.').filter((name) => name !== '.git').join();
    process.exit(files === 'a,main,work' && git('status', '--porcelain') === '' && git('log', '--format=%s') ? 0 : 1)`;
  const result = await check(work, node(script));
  expect(result).toMatchObject({
    branch: 'work',
    commit: work.git('rev-parse', 'HEAD'),
    check: { name: 'tests', passed: true },
  });
  expect(result.check.detail).toMatch(/^[0-9a-f]{12} merged with main [0-9a-f]{12}: exit code 0$/);
});

it('touches nothing of the user’s, whatever the command does, and leaves nothing behind', async () => {
  const { main, work } = diverged();
  work.write('a', 'not committed');
  work.git('add', 'a');
  const before = [bytesBelow(main.root), bytesBelow(work.root)];
  const script = `require('node:fs').writeFileSync('a', 'x'); require('node:child_process').execSync('git add a; git -c user.name=x -c user.email=x@x commit -qm x; git gc -q')`;
  expect((await check(work, node(script))).check.passed).toBe(true);
  expect([bytesBelow(main.root), bytesBelow(work.root)]).toEqual(before);
  expect(readdirSync(scratches)).toEqual([]);
});

it('fails a branch that does not merge, and names the paths', async () => {
  const { main, work } = diverged();
  for (const one of [main, work]) {
    one.write('a', `of ${one.root}\n`);
    one.write('new\n"line', `of ${one.root}\n`);
    one.commit('both');
  }
  const { check: failed } = await check(work, node('process.exit(0)'));
  expect(failed.passed).toBe(false);
  expect(failed.detail).toMatch(/does not merge; in conflict:\na\nnew\n"line$/);
  expect(readdirSync(scratches)).toEqual([]);
});

it('fails with the end of what a failing command said, cut so that a note holds it', async () => {
  const { work } = diverged();
  const short = await check(work, node(`console.error('\\u0000 no tests'); process.exit(3)`));
  expect(short.check.passed).toBe(false);
  expect(short.check.detail).toMatch(/: exit code 3\n.?no tests$/s);
  const long = await check(work, node(`console.log('🙂'.repeat(9999) + 'the end'); process.exit(1)`));
  expect(long.check.detail).toMatch(/: exit code 1\n.*the end$/s);
});

it('fails a command that takes too long, and ends all that it started', async () => {
  const { work } = diverged();
  const alive = join(scratches, 'alive');
  const child = `setInterval(() => require('node:fs').appendFileSync(${JSON.stringify(alive)}, 'x'), 20)`;
  const script = `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(child)}], { stdio: 'inherit' }); setInterval(() => {}, 1000)`;
  const result = await check(work, node(script), { timeoutMs: 2_000 });
  expect(result.check).toMatchObject({ passed: false });
  expect(result.check.detail).toContain('stopped after 2 s');
  expect(existsSync(alive)).toBe(true);
  const before = readFileSync(alive, 'utf8').length;
  await setTimeout(200);
  expect(readFileSync(alive, 'utf8')).toHaveLength(before);
});

it('fails a command that is not there, or that a signal ends', async () => {
  const { work } = diverged();
  expect((await check(work, ['no-such-program'])).check.detail).toContain('could not be started');
  const killed = await check(work, node(`process.kill(process.pid, 'SIGTERM')`));
  expect(killed.check).toMatchObject({ passed: false });
  expect(killed.check.detail).toContain('ended by SIGTERM');
});

it('takes hostile names of branches, files and checks, and an environment that points elsewhere', async () => {
  const { main, work } = diverged('b;$(touch)"');
  for (const name of ['--version', 'ü\n', '$(touch y)', ' ']) main.write(`${name}/${name}`, 'x');
  main.commit('hostile');
  const script = `process.exit(require('node:fs').readdirSync('.').length === 8 && !process.env.GIT_DIR ? 0 : 1)`;
  const env = { PATH: process.env['PATH'], GIT_DIR: join(dirname(main.root), 'elsewhere') };
  const result = await check(work, node(script), { name: '$(x) "…"', env });
  expect(result).toMatchObject({ branch: 'b;$(touch)"', check: { name: '$(x) "…"', passed: true } });
});

it('checks a shallow clone, and a branch that is the main branch', async () => {
  const { main } = diverged();
  const shallow = cloneOf(main, 'shallow', '--depth=1');
  shallow.write('b', 'b');
  shallow.commit('b');
  const script = `process.exit(require('node:fs').existsSync('main') ? 0 : 1)`;
  expect((await check(shallow, node(script))).check.passed).toBe(true);
  expect((await check(main, node(script))).check.passed).toBe(true);
});

it('says that it cannot check where there is no commit or no main branch', async () => {
  const empty = temporaryRepository();
  made.push(empty);
  await expect(check(empty, node(''))).rejects.toThrow(/no commit/);
  empty.commit('first');
  empty.git('branch', '--move', 'work');
  await expect(check(empty, node(''))).rejects.toThrow(/no main branch/);
});
