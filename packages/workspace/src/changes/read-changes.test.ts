import { createHash } from 'node:crypto';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { testGit } from '../../test/take.ts';
import { temporaryRepository } from '../../test/temporary-repository.ts';
import type { TemporaryRepository } from '../../test/temporary-repository.ts';
import type { FileChange } from './file-change.ts';
import { readChanges, readFileList } from './read-changes.ts';

const made: TemporaryRepository[] = [];
afterEach(() => {
  for (const repository of made.splice(0)) repository.delete();
});

const lines = (...words: string[]): string => words.map((word) => `${word}\n`).join('');
const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

const between = async (
  before: (repository: TemporaryRepository) => void,
  after: (repository: TemporaryRepository) => void,
): Promise<FileChange[]> => {
  const repository = temporaryRepository();
  made.push(repository);
  before(repository);
  const from = repository.commit();
  after(repository);
  return readChanges(testGit, { directory: repository.root }, from, repository.commit());
};

it('gives the ranges of hunks in base lines and the hashes of their new text', async () => {
  const changes = await between(
    ({ write }) => write('a.txt', lines('1', '2', '3', '4', '5', '6', '7')),
    ({ write }) => write('a.txt', lines('0', '1', '2', 'three', 'drei', '4', '5', '7')),
  );
  expect(changes).toMatchObject([
    {
      path: 'a.txt',
      status: 'modified',
      hunks: [
        { start: 0, length: 0, newLength: 1, hash: hashOf('0\n') },
        { start: 3, length: 1, newLength: 2, hash: hashOf('three\ndrei\n') },
        { start: 6, length: 1, newLength: 0, hash: hashOf('') },
      ],
    },
  ]);
});

it('tells created, modified, deleted and moved files apart, with checksums before and after', async () => {
  const text = lines('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j');
  const changes = await between(
    ({ write }) => {
      write('gone', 'x\n');
      write('kept', 'a\n');
      write('old', text);
    },
    ({ write, remove }) => {
      remove('gone');
      remove('old');
      write('made', 'a\nb\n');
      write('kept', 'b\n');
      write('place/new', `${text}k\n`);
    },
  );
  expect(changes.map(({ path, status, movedTo }) => [path, status, movedTo])).toEqual([
    ['gone', 'deleted', undefined],
    ['kept', 'modified', undefined],
    ['made', 'created', undefined],
    ['old', 'modified', 'place/new'],
  ]);
  const [gone, kept, created, moved] = changes;
  expect(gone).not.toHaveProperty('checksum');
  expect(gone).not.toHaveProperty('hunks');
  expect(created).not.toHaveProperty('baseChecksum');
  expect(created?.hunks).toEqual([{ start: 0, length: 0, newLength: 2, hash: hashOf('a\nb\n') }]);
  expect(kept?.checksum).not.toBe(kept?.baseChecksum);
  expect(moved?.hunks).toEqual([{ start: 10, length: 0, newLength: 1, hash: hashOf('k\n') }]);
});

it('tells text with and without its last line end apart', async () => {
  const changes = await between(
    ({ write }) => {
      write('a', 'x\ny');
      write('b', 'x\ny\n');
      write('c', 'x\ny');
    },
    ({ write }) => {
      write('a', 'x\ny\n');
      write('b', 'x\ny');
      write('c', 'x\nz');
    },
  );
  expect(changes.map(({ hunks }) => hunks?.[0]?.hash)).toEqual([hashOf('y\n'), hashOf('y'), hashOf('z')]);
});

it('takes no text of a file for a header, nor a name', async () => {
  const changes = await between(
    ({ write }) => write('a', lines('-- x', '1', '2', '3')),
    ({ write }) => {
      write('a', lines('diff --git a/z b/z', '@@ -1,5 +1,5 @@', '1', '2', '++ y', '\\ No newline'));
      write('b\ndiff --git a/x b/x', lines('Binary files a and b differ'));
      write('c', 'c\n');
    },
  );
  expect(changes.map(({ path, hunks }) => [path, hunks?.length])).toEqual([
    ['a', 2],
    ['b\ndiff --git a/x b/x', 1],
    ['c', 1],
  ]);
});

it('gives no hunks where lines say nothing, and keeps those of the other files in place', async () => {
  const changes = await between(
    ({ root, write }) => {
      writeFileSync(join(root, 'binary'), Buffer.from([0, 1, 2]));
      write('becomes-link', 'x\n');
      write('many', lines(...Array.from({ length: 600 }, (_, at) => `${at}`)));
      write('z', 'z\n');
    },
    ({ root, write, remove }) => {
      writeFileSync(join(root, 'binary'), Buffer.from([0, 1, 3]));
      remove('becomes-link');
      symlinkSync('z', join(root, 'becomes-link'));
      write('many', lines(...Array.from({ length: 600 }, (_, at) => (at % 2 ? `${at}` : `x${at}`))));
      write('z', 'y\n');
    },
  );
  expect(changes.map(({ path, status, hunks }) => [path, status, hunks?.length])).toEqual([
    ['becomes-link', 'modified', undefined],
    ['binary', 'modified', undefined],
    ['many', 'modified', undefined],
    ['z', 'modified', 1],
  ]);
});

it('lists a moved file as deleted and created where only the list is asked for', async () => {
  const repository = temporaryRepository();
  made.push(repository);
  repository.write('old', lines('a', 'b', 'c', 'd', 'e', 'f'));
  const from = repository.commit();
  repository.git('mv', 'old', 'new');
  const to = repository.commit();
  const list = await readFileList(testGit, { directory: repository.root }, from, to);
  expect(list.map(({ path, status }) => [path, status])).toEqual([
    ['new', 'created'],
    ['old', 'deleted'],
  ]);
});
