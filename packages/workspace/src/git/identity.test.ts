import { afterEach, expect, it } from 'vitest';
import { testGit } from '../../test/take.ts';
import { cloneOf, gitAs, temporaryRepository } from '../../test/temporary-repository.ts';
import type { TemporaryRepository } from '../../test/temporary-repository.ts';
import { isSameProject, normaliseRemote, readIdentity } from './identity.ts';
import type { ProjectIdentity } from './identity.ts';
import { openRepository } from './repository.ts';

const made: TemporaryRepository[] = [];
afterEach(() => {
  for (const repository of made.splice(0)) repository.delete();
});

const project = (file: string): TemporaryRepository => {
  const repository = temporaryRepository();
  made.push(repository);
  repository.write(file, file);
  repository.commit(file);
  repository.commit('second');
  return repository;
};

const identityOf = async ({ root }: TemporaryRepository): Promise<ProjectIdentity> =>
  readIdentity(testGit, await openRepository(testGit, root));

it('writes every spelling of an address in one way, without its password', () => {
  for (const address of [
    'git@GitHub.com:owner/repo.git',
    'ssh://git@github.com:22/owner/repo',
    'https://user:secret@github.com/owner/repo.git/',
    'git://github.com/owner/repo',
  ])
    expect(normaliseRemote(address)).toBe('github.com/owner/repo');
  expect(normaliseRemote('/srv/repo.git')).toBe('/srv/repo');
  expect(normaliseRemote('file:///srv/repo')).toBe('/srv/repo');
  expect(normaliseRemote('C:/work/repo')).toBe('C:/work/repo');
});

it('takes worktrees, clones and shallow clones of one project as one', async () => {
  const origin = project('a');
  const copies = [
    origin.worktree('feature'),
    cloneOf(origin, 'full'),
    cloneOf(origin, 'second'),
    cloneOf(origin, 'shallow', '--depth=1'),
  ];
  const identities = await Promise.all([origin, ...copies].map(identityOf));
  for (const one of identities) for (const other of identities) expect(isSameProject(one, other)).toBe(true);
  expect(identities[4]?.root).toBeUndefined();
});

it('keeps projects apart that share no commit, or that share one but have other remotes', async () => {
  const [one, other] = [await identityOf(project('a')), await identityOf(project('b'))];
  expect(isSameProject(one, other)).toBe(false);
  const origin = project('c');
  const [left, right] = [cloneOf(origin, 'left'), cloneOf(origin, 'right')];
  gitAs(left.root, ['remote', 'set-url', 'origin', 'https://example.org/one']);
  gitAs(right.root, ['remote', 'set-url', 'origin', 'https://example.org/other']);
  expect(isSameProject(await identityOf(left), await identityOf(right))).toBe(false);
  gitAs(right.root, ['remote', 'add', 'upstream', 'git@example.org:one.git']);
  expect(isSameProject(await identityOf(left), await identityOf(right))).toBe(true);
});
