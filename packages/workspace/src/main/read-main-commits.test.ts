import { afterEach, expect, it } from 'vitest';
import { testGit } from '../../test/take.ts';
import { cloneOf, temporaryRepository } from '../../test/temporary-repository.ts';
import type { TemporaryRepository } from '../../test/temporary-repository.ts';
import { openRepository } from '../git/repository.ts';
import { readMainCommits } from './read-main-commits.ts';

const made: TemporaryRepository[] = [];
afterEach(() => {
  for (const repository of made.splice(0)) repository.delete();
});

const project = (): TemporaryRepository => {
  const repository = temporaryRepository();
  made.push(repository);
  repository.write('a', 'a');
  repository.commit('first');
  return repository;
};

const read = async ({ root }: TemporaryRepository, since?: string) =>
  readMainCommits(testGit, await openRepository(testGit, root), since);

it('tells only where the branch is without a commit to begin from, or when that one is gone', async () => {
  const repository = project();
  const tip = repository.git('rev-parse', 'HEAD');
  expect(await read(repository)).toEqual({ name: 'main', commit: tip, commits: [] });
  expect(await read(repository, tip)).toEqual({ name: 'main', commit: tip, commits: [] });
  expect(await read(repository, 'f'.repeat(40))).toMatchObject({ commits: [] });
  repository.git('branch', '--move', 'work');
  expect(await read(repository, tip)).toBeUndefined();
});

it('tells what came since, oldest first, with paths and mentions', async () => {
  const repository = project();
  const since = repository.git('rev-parse', 'HEAD');
  repository.write('src/ü "b".ts', 'b');
  repository.remove('a');
  const second = repository.commit('ACT-1: b');
  repository.write('c', 'c');
  const third = repository.commit('c\n\nTask: login');
  expect((await read(repository, since))?.commits).toEqual([
    { commit: second, paths: ['a', 'src/ü "b".ts'], mentions: ['ACT-1'] },
    { commit: third, paths: ['c'], mentions: ['login'] },
  ]);
  expect((await read(repository, second))?.commits).toHaveLength(1);
});

it('tells a merge as one commit, with all that it brought and what its commits name', async () => {
  const repository = project();
  const since = repository.git('rev-parse', 'HEAD');
  const work = repository.worktree('work');
  work.write('b', 'b');
  work.commit('ACT-1: b');
  work.write('c', 'c');
  work.commit('ACT-2: c');
  repository.write('d', 'd');
  const own = repository.commit('d');
  repository.git('merge', '--quiet', '--no-edit', 'work');
  expect((await read(work, since))?.commits).toEqual([
    { commit: own, paths: ['d'], mentions: [] },
    { commit: repository.git('rev-parse', 'HEAD'), paths: ['b', 'c'], mentions: ['ACT-2', 'ACT-1'] },
  ]);
});

it('tells of a revert and of a sweep over more files than fit that they came, and nothing else', async () => {
  const repository = project();
  repository.write('b', 'b');
  const since = repository.commit('ACT-1: b');
  repository.git('revert', '--no-edit', 'HEAD');
  for (let at = 0; at < 257; at++) repository.write(`many/${at}`, 'x');
  repository.commit('ACT-2: all');
  expect((await read(repository, since))?.commits).toMatchObject([
    { paths: [], mentions: [] },
    { paths: [], mentions: ['ACT-2'] },
  ]);
});

it('follows the default branch of the remote, as it is known here', async () => {
  const origin = project();
  origin.git('branch', '--move', 'trunk');
  const clone = cloneOf(origin, 'clone');
  const since = origin.git('rev-parse', 'HEAD');
  origin.write('b', 'b');
  const tip = origin.commit('ACT-1: b');
  expect(await read(clone, since)).toMatchObject({ name: 'trunk', commit: since, commits: [] });
  clone.git('fetch', '--quiet');
  expect(await read(clone, since)).toMatchObject({ name: 'trunk', commit: tip, commits: [{ commit: tip }] });
});

it('goes on from a commit that a forced push took off the branch, or that is cut off', async () => {
  const repository = project();
  repository.write('b', 'b');
  const lost = repository.commit('b');
  repository.git('reset', '--quiet', '--hard', 'HEAD~1');
  repository.write('c', 'c');
  const tip = repository.commit('c');
  expect((await read(repository, lost))?.commits).toMatchObject([{ commit: tip, paths: ['c'] }]);
  const shallow = cloneOf(repository, 'shallow', '--depth=1');
  expect((await read(shallow, lost))?.commits).toEqual([]);
});
