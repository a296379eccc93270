import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { openForTest, testGit } from '../../test/take.ts';
import type { Taken, TestOptions } from '../../test/take.ts';
import { bytesBelow, cloneOf, gitAs, temporaryRepository } from '../../test/temporary-repository.ts';
import type { TemporaryRepository } from '../../test/temporary-repository.ts';
import { settle } from './failure.ts';
import { openRepository } from './repository.ts';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step();
});

const makeRepository = (...flags: string[]): TemporaryRepository => {
  const repository = temporaryRepository(...flags);
  undo.push(() => repository.delete());
  return repository;
};

const open = async ({ root }: { root: string }, options?: TestOptions): Promise<Taken> => {
  const taken = await openForTest(root, options);
  undo.push(() => taken.scratch.close());
  return taken;
};

const withCommit = (): TemporaryRepository => {
  const repository = makeRepository();
  repository.write('.gitignore', 'ignored/\n*.log\n');
  repository.write('kept.txt', 'one\ntwo\n');
  repository.write('src/deep/gone.txt', 'bye\n');
  repository.commit();
  return repository;
};

it('holds known and new files as they are on disk, and none that are ignored', async () => {
  const repository = withCommit();
  repository.write('kept.txt', 'one\n2\n');
  repository.write('new/file.txt', 'new\n');
  repository.write('ignored/secret', 'no\n');
  repository.write('debug.log', 'no\n');
  repository.remove('src/deep/gone.txt');
  const { snapshot, filesOf, contentOf } = await open(repository);
  const { tree, head, leftOut } = await snapshot();
  expect(filesOf(tree)).toEqual({ '.gitignore': '100644', 'kept.txt': '100644', 'new/file.txt': '100644' });
  expect(contentOf(tree, 'kept.txt')).toBe('one\n2');
  expect(head).toEqual({ branch: 'main', commit: repository.git('rev-parse', 'HEAD') });
  expect(leftOut).toEqual([]);
});

it('is the tree that a commit of everything would have', async () => {
  const repository = withCommit();
  const { snapshot } = await open(repository);
  repository.write('a b/ü "quoted".txt', 'x');
  repository.write('kept.txt', '');
  chmodSync(join(repository.root, '.gitignore'), 0o755);
  const { tree } = await snapshot();
  repository.commit();
  expect(tree).toBe(repository.git('rev-parse', 'HEAD^{tree}'));
  expect((await snapshot()).tree).toBe(tree);
});

it('leaves every byte of the repository and its files alone', async () => {
  const repository = withCommit();
  repository.write('kept.txt', 'staged\n');
  repository.git('add', 'kept.txt');
  repository.write('kept.txt', 'not staged\n');
  repository.write('new.txt', 'new\n');
  repository.remove('src/deep/gone.txt');
  const hook = join(repository.root, '.git/hooks/post-index-change');
  mkdirSync(join(repository.root, '.git/hooks'), { recursive: true });
  writeFileSync(hook, '#!/bin/sh\ntouch "$(git rev-parse --git-dir)/hook-ran"\n');
  chmodSync(hook, 0o755);
  repository.git('config', 'core.fsmonitor', 'true');
  repository.git('config', 'core.splitIndex', 'true');
  const before = bytesBelow(repository.root);
  const { snapshot } = await open(repository);
  await snapshot();
  repository.write('ignored/later', 'x');
  repository.remove('ignored');
  await snapshot();
  expect(bytesBelow(repository.root)).toEqual(before);
});

it('finds a change of the same size and age as the file before', async () => {
  const repository = withCommit();
  const { snapshot, contentOf } = await open(repository);
  await snapshot();
  for (const word of ['aaa', 'bbb', 'ccc', 'ddd']) {
    repository.write('kept.txt', `one\n${word}\n`);
    expect(contentOf((await snapshot()).tree, 'kept.txt')).toBe(`one\n${word}`);
  }
  repository.write('kept.txt', 'one\neee\n');
  const file = join(repository.root, 'kept.txt');
  repository.git('add', 'kept.txt');
  writeFileSync(file, 'one\nfff\n');
  expect(contentOf((await snapshot()).tree, 'kept.txt')).toBe('one\nfff');
});

it('leaves out links that lead out of the root, pipes, and giants, and says so', async () => {
  const repository = withCommit();
  symlinkSync('../../etc/passwd', join(repository.root, 'src/out'));
  symlinkSync('/etc/passwd', join(repository.root, 'absolute'));
  symlinkSync('../kept.txt', join(repository.root, 'src/inside'));
  repository.write('kept.txt', 'x'.repeat(101));
  repository.write('giant.bin', 'x'.repeat(101));
  repository.remove('src/deep/gone.txt');
  execFileSync('mkfifo', [join(repository.root, 'src/deep/gone.txt'), join(repository.root, 'pipe')]);
  const { snapshot, filesOf, contentOf } = await open(repository, { fileBytesMax: 100 });
  const { tree, leftOut } = await snapshot();
  expect(leftOut.toSorted((a, b) => (a.path < b.path ? -1 : 1))).toEqual([
    { path: 'absolute', reason: 'link_out_of_root' },
    { path: 'giant.bin', reason: 'too_large' },
    { path: 'kept.txt', reason: 'too_large' },
    { path: 'src/deep/gone.txt', reason: 'not_a_file' },
    { path: 'src/out', reason: 'link_out_of_root' },
  ]);
  expect(filesOf(tree)).toMatchObject({ 'kept.txt': '100644', 'src/inside': '120000' });
  expect(contentOf(tree, 'kept.txt')).toBe('one\ntwo');
});

/** Somebody whom the modes of files stop, whoever runs the tests. */
const NOBODY = 65_534;
const asNobody = async <T>(root: string, work: () => Promise<T>): Promise<T> => {
  if (process.getuid?.() !== 0) return work();
  execFileSync('chown', ['-R', `${NOBODY}`, dirname(root)]);
  process.seteuid?.(NOBODY);
  return work().finally(() => process.seteuid?.(0));
};

it('leaves out what it may not read, and says so', async () => {
  const repository = withCommit();
  repository.write('kept.txt', 'now a secret\n');
  repository.write('new.txt', 'a secret\n');
  for (const path of ['kept.txt', 'new.txt']) chmodSync(join(repository.root, path), 0);
  repository.write('readable.txt', 'x\n');
  await asNobody(repository.root, async () => {
    const { snapshot, filesOf, contentOf } = await open(repository);
    const { tree, leftOut } = await snapshot();
    expect(leftOut).toEqual([
      { path: 'kept.txt', reason: 'unreadable' },
      { path: 'new.txt', reason: 'unreadable' },
    ]);
    expect(Object.keys(filesOf(tree))).toContain('readable.txt');
    expect(contentOf(tree, 'kept.txt')).toBe('one\ntwo');
  });
});

it('never goes through a link to a folder', async () => {
  const repository = withCommit();
  const outside = makeRepository();
  outside.write('gone.txt', 'not ours\n');
  repository.remove('src/deep');
  symlinkSync(outside.root, join(repository.root, 'src/deep'));
  const { snapshot, filesOf } = await open(repository);
  expect(Object.keys(filesOf((await snapshot()).tree))).toEqual(['.gitignore', 'kept.txt']);
});

it('takes names with line ends, quotes and bytes that are no text', async () => {
  const repository = withCommit();
  repository.write('line\nend', 'x');
  repository.write('-dash', 'x');
  repository.write(':(glob)**', 'x');
  writeFileSync(Buffer.concat([Buffer.from(`${repository.root}/`), Buffer.from([0xff, 0x61])]), 'x');
  const { snapshot } = await open(repository);
  const { tree } = await snapshot();
  repository.commit();
  expect(tree).toBe(repository.git('rev-parse', 'HEAD^{tree}'));
});

it('follows a file whose name changes in case only, also where git ignores case', async () => {
  for (const ignoreCase of ['false', 'true']) {
    const repository = withCommit();
    repository.git('config', 'core.ignorecase', ignoreCase);
    renameSync(join(repository.root, 'kept.txt'), join(repository.root, 'KEPT.txt'));
    const { snapshot, filesOf } = await open(repository);
    expect(Object.keys(filesOf((await snapshot()).tree))).toEqual([
      '.gitignore',
      'KEPT.txt',
      'src/deep/gone.txt',
    ]);
  }
});

it('follows a file that becomes a folder, and a folder that becomes a file', async () => {
  const repository = withCommit();
  repository.remove('kept.txt');
  repository.write('kept.txt/inside', 'x');
  repository.remove('src');
  repository.write('src', 'x');
  const { snapshot, filesOf } = await open(repository);
  expect(Object.keys(filesOf((await snapshot()).tree))).toEqual(['.gitignore', 'kept.txt/inside', 'src']);
});

it('holds what is on disk in the middle of a merge', async () => {
  const repository = withCommit();
  repository.git('checkout', '-q', '-b', 'other');
  repository.write('kept.txt', 'theirs\n');
  repository.commit();
  repository.git('checkout', '-q', 'main');
  repository.write('kept.txt', 'ours\n');
  repository.commit();
  expect(() => repository.git('merge', 'other')).toThrow();
  const { snapshot, contentOf } = await open(repository);
  expect(contentOf((await snapshot()).tree, 'kept.txt')).toContain('<<<<<<<');
});

it('keeps a submodule as its commit and leaves out other repositories inside', async () => {
  const repository = withCommit();
  const library = makeRepository();
  library.write('a', 'a');
  library.commit();
  repository.git('submodule', '--quiet', 'add', library.root, 'library');
  repository.commit();
  repository.write('library/dirty', 'x');
  gitAs(repository.root, ['worktree', 'add', '-q', '--detach', 'nested']);
  const { snapshot, filesOf } = await open(repository);
  const { tree, leftOut } = await snapshot();
  expect(filesOf(tree)).toMatchObject({ library: '160000', '.gitmodules': '100644' });
  expect(leftOut).toEqual([{ path: 'nested/', reason: 'other_repository' }]);
});

it('makes pointers of files under Git LFS without running its filter', async () => {
  const repository = withCommit();
  const ran = join(repository.root, '.git/filter-ran');
  repository.write('.gitattributes', '*.bin filter=lfs -text\n');
  repository.commit();
  for (const kind of ['clean', 'process'])
    repository.git('config', `filter.lfs.${kind}`, `touch '${ran}'; cat`);
  repository.git('config', 'filter.lfs.required', 'true');
  repository.write('a.bin', 'hello\n');
  const pointer =
    'version https://git-lfs.github.com/spec/v1\noid sha256:5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03\nsize 6\n';
  repository.write('b.bin', pointer);
  const { snapshot, contentOf } = await open(repository);
  const { tree } = await snapshot();
  expect(`${contentOf(tree, 'a.bin')}\n`).toBe(pointer);
  expect(contentOf(tree, 'b.bin')).toBe(contentOf(tree, 'a.bin'));
  expect(Object.keys(bytesBelow(join(repository.root, '.git')))).not.toContain('filter-ran');
});

it('works before the first commit, in shallow and shared clones, worktrees, and with SHA-256', async () => {
  const unborn = makeRepository();
  unborn.write('a', 'a');
  const first = await open(unborn);
  const snapshot = await first.snapshot();
  expect(first.filesOf(snapshot.tree)).toEqual({ a: '100644' });
  expect(snapshot.head).toEqual({ branch: 'main' });

  const repository = withCommit();
  repository.commit('second');
  const sha256 = makeRepository('--object-format=sha256');
  sha256.write('b', 'b');
  sha256.commit();
  sha256.remove('b');
  const others = [
    cloneOf(repository, 'shallow', '--depth=1'),
    cloneOf(repository, 'partial', '--filter=blob:none'),
    repository.worktree('branch'),
    sha256,
  ];
  for (const other of others) {
    other.write('new', 'new');
    const opened = await open(other);
    expect(opened.filesOf((await opened.snapshot()).tree)).toHaveProperty('new');
    expect((await opened.snapshot()).tree).not.toBe(other.git('rev-parse', 'HEAD^{tree}'));
  }
});

it('ignores variables that point git at another repository', async () => {
  const repository = withCommit();
  const { makeGit } = await import('./git.ts');
  const git = makeGit({
    env: { PATH: process.env['PATH'], GIT_DIR: '/nowhere', GIT_INDEX_FILE: '/nowhere' },
  });
  expect((await openRepository(git, repository.root)).root).toBe(repository.root);
});

it('says why there is no snapshot', async () => {
  const reasonOf = async (directory: string): Promise<string> => {
    const opened = await settle(async () => ({ ok: true, ...(await openRepository(testGit, directory)) }));
    return opened.ok ? 'ok' : opened.reason;
  };
  const bare = makeRepository('--bare');
  expect(await reasonOf(bare.root)).toBe('bare');
  expect(await reasonOf(join(bare.root, '..'))).toBe('not_a_repository');
  expect(await reasonOf(join(bare.root, 'missing'))).toBe('git_missing');

  const broken = withCommit();
  const { take } = await open(broken);
  writeFileSync(join(broken.root, '.git/index'), 'DIRC nonsense');
  expect(await take()).toMatchObject({
    ok: false,
    reason: 'broken',
    message: expect.stringContaining('index'),
  });
  writeFileSync(join(broken.root, '.git/HEAD'), `${'1'.repeat(40)}\n`);
  expect(await take()).toMatchObject({ ok: false, reason: 'broken' });
});

it('gives up on a git that waits for ever, such as one that reads a pipe named .gitignore', async () => {
  const repository = withCommit();
  repository.remove('.gitignore');
  execFileSync('mkfifo', [join(repository.root, '.gitignore')]);
  const { take } = await open(repository, { timeoutMs: 1_000 });
  expect(await take()).toMatchObject({ ok: false, reason: 'timed_out' });
  repository.remove('.gitignore');
  expect(await take()).toMatchObject({ ok: true });
});

it('recovers after a failure', async () => {
  const repository = withCommit();
  const { take } = await open(repository);
  const file = join(repository.root, '.git/index');
  const index = readFileSync(file);
  writeFileSync(file, 'DIRC nonsense');
  expect(await take()).toMatchObject({ ok: false });
  writeFileSync(file, index);
  utimesSync(file, 1, 1);
  expect(await take()).toMatchObject({ ok: true, tree: repository.git('rev-parse', 'HEAD^{tree}') });
});

it('holds a state that was, or says that the branch moved, while commits and checkouts go on', async () => {
  const repository = withCommit();
  const { take } = await open(repository);
  const commits = new Set<string>();
  for (let round = 0; round < 12; round++) {
    repository.write('kept.txt', `round ${round}\n`);
    const taking = take();
    repository.commit(`round ${round}`);
    commits.add(repository.git('rev-parse', 'HEAD^{tree}'));
    const taken = await taking;
    if (taken.ok) expect(commits).toContain(taken.tree);
    else expect(taken.reason).toBe('moving');
  }
  expect(await take()).toMatchObject({ ok: true, tree: repository.git('rev-parse', 'HEAD^{tree}') });
});

it('ends when it is cancelled', async () => {
  const { take } = await open(withCommit());
  expect(await take(AbortSignal.abort())).toMatchObject({ ok: false, reason: 'cancelled' });
});
