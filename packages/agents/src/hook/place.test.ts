import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findPlace, joinedFile, MARKER } from './place.ts';

const PROJECT_ID = '00000000-0000-7000-8000-000000000001';
let folder: string;
let home: string;
let repository: string;

const git = (cwd: string, ...words: string[]): void => {
  const name = ['-c', 'user.name=t', '-c', 'user.email=t@example.com', '-c', 'protocol.file.allow=always'];
  execFileSync('git', [...name, ...words], { cwd, stdio: 'ignore' });
};
const write = (file: string, text: string): void => {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
};
const bind = (root: string, roots = [root], projectId = PROJECT_ID): void => {
  write(join(root, MARKER), JSON.stringify({ projectId }));
  write(joinedFile(home, PROJECT_ID), JSON.stringify({ projectId: PROJECT_ID, name: 'shop', roots }));
};

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'act-place-')));
  home = join(folder, 'home');
  repository = join(folder, 'shop');
  mkdirSync(repository);
  git(repository, 'init', '-b', 'main');
  write(join(repository, 'src', 'a.ts'), 'a');
  git(repository, 'add', '.');
  git(repository, 'commit', '-m', 'first');
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('the project of a folder', () => {
  it('is found from anywhere below the repository, also through a link', () => {
    bind(repository);
    symlinkSync(repository, join(folder, 'link'));
    for (const from of [repository, join(repository, 'src'), join(folder, 'link', 'src')])
      expect(findPlace(from, home)).toMatchObject({ top: repository, project: { name: 'shop' } });
  });
  it('is found from a linked worktree, whose own top paths are relative to', () => {
    bind(repository);
    const worktree = join(folder, 'elsewhere');
    git(repository, 'worktree', 'add', worktree);
    expect(findPlace(join(worktree, 'src'), home)?.top).toBe(worktree);
  });
  it('is none in a repository that only carries a marker, which this user never joined', () => {
    bind(repository, []);
    expect(findPlace(repository, home)).toBeUndefined();
  });
  it.each(['../../evil', 'x', ''])('is none for a marker that names %j', (projectId) => {
    bind(repository, [repository], projectId);
    expect(findPlace(repository, home)).toBeUndefined();
  });
  it('is none in a submodule, a bare repository, a broken worktree, or outside of any', () => {
    bind(repository);
    const [other, bare, broken] = ['other', 'bare', 'broken'].map((name) => join(folder, name));
    git(folder, 'clone', repository, 'other');
    git(folder, 'clone', '--bare', repository, 'bare');
    git(repository, 'submodule', 'add', other ?? '', 'sub');
    mkdirSync(broken ?? '');
    writeFileSync(join(broken ?? '', '.git'), 'gitdir: /nowhere/at/all\n');
    for (const from of [
      join(repository, 'sub'),
      bare ?? '',
      broken ?? '',
      other ?? '',
      folder,
      join(folder, 'gone'),
    ])
      expect(findPlace(from, home)).toBeUndefined();
  });
});
