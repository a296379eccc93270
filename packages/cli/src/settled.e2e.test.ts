import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { act, jsonOf, startAct, startTestHub } from '../test/run-act.ts';

let folder: string;
const git = (...args: string[]): string =>
  execFileSync('git', ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.org', ...args], {
    cwd: folder,
    encoding: 'utf8',
  }).trim();
const commit = (file: string, message: string): void => {
  writeFileSync(join(folder, file), message);
  git('add', '--all');
  git('commit', '--quiet', '-m', message);
};
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'act-settled-')), 'repository');
  mkdirSync(folder);
  git('init', '--quiet', '-b', 'main');
  commit('a', 'first');
});
afterEach(() => rm(join(folder, '..'), { recursive: true, force: true }));

it('flags a task that the main branch settled, until somebody confirms it', async () => {
  const hub = await startTestHub();
  try {
    const run = async (...args: string[]) => act(args, hub.env);
    const watch = ['watch', '--once', '--agent', `ann=${folder}`];
    await run('project', 'create', 'settled');
    await run('task', 'create', 'Log in', '--key', 'ACT-1');
    expect((await run(...watch)).code).toBe(0);
    commit('login', 'ACT-1: log in');
    const watched = await run(...watch);
    expect(watched.stdout).toContain('perhaps done already');
    const sha = git('rev-parse', 'HEAD');
    expect((await run('task', 'show', 'ACT-1')).stdout).toContain(
      `commit ${sha.slice(0, 12)} of the main branch names it`,
    );
    const { claim } = jsonOf(await run('task', 'next', '--agent', 'bob', '--json')) as {
      claim: { reasons: string[]; task: object };
    };
    expect(claim.reasons[0]).toMatch(/^perhaps done already: /);
    expect(claim.task).toMatchObject({ settled: { commit: sha, by: 'mention' } });
    expect((await run('task', 'confirm', 'ACT-1')).stdout).toContain('confirmed ACT-1');
    expect((await run('task', 'show', 'ACT-1')).stdout).not.toContain('perhaps');
    const again = await run(...watch);
    expect(again.stdout).not.toContain('perhaps');
  } finally {
    await hub.stop();
  }
});

it('completes with a check that ran on the merged tree, and not with one that fails there', async () => {
  const hub = await startTestHub();
  try {
    const run = async (...args: string[]) => startAct(args, hub.env, folder).ended;
    await run('project', 'create', 'evidence');
    await run('task', 'create', 'Work', '--key', 'work');
    git('checkout', '--quiet', '-b', 'work');
    commit('mine', 'mine');
    git('checkout', '--quiet', 'main');
    commit('theirs', 'theirs');
    git('checkout', '--quiet', 'work');
    const passed = await run('check', 'both', '--json', '--', 'test', '-e', 'theirs');
    expect([passed.code, jsonOf(passed)]).toMatchObject([0, { check: { name: 'both', passed: true } }]);
    const failed = await run('check', 'none', '--', 'test', '-e', 'nothing');
    expect([failed.code, failed.stdout]).toEqual([1, expect.stringContaining('none failed')]);
    await run('task', 'claim', 'work', '--agent', 'ann');
    expect((await run('project', 'require', 'evidence', '--commit', '--check', 'tests')).code).toBe(0);
    const complete = ['task', 'complete', 'work', '--agent', 'ann', '--run'];
    const refused = await run(...complete, 'tests=exit 3');
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('exit code 3')]);
    expect((await run(...complete, 'tests=test -e mine && test -e theirs')).code).toBe(0);
  } finally {
    await hub.stop();
  }
});
