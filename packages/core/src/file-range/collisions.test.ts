import { expect, it } from 'vitest';
import { changeSet, collisions } from './collisions.ts';
import type { FileChange } from './collision.ts';

const collide = (ones: FileChange[], others: FileChange[]) => collisions(changeSet(ones), changeSet(others));

const line = (path: string, start: number): FileChange => ({
  path,
  status: 'modified',
  hunks: [{ start, length: 1, newLength: 1 }],
});
const created = (path: string, checksum = path): FileChange => ({ path, status: 'created', checksum });

it('lists the colliding files of two worktrees by path', () => {
  const ones = [line('z', 1), line('b', 1), line('a', 1), line('only-here', 1)];
  expect(collide(ones, [line('a', 2), line('b', 9), line('z', 1)])).toEqual([
    { path: 'a', kind: 'content' },
    { path: 'z', kind: 'content' },
  ]);
});

it('finds a new file where the other side has a new folder', () => {
  const found = [{ path: 'lib', kind: 'file_and_folder' }];
  expect(collide([created('lib')], [created('lib/deep/index.ts')])).toEqual(found);
  expect(collide([created('lib/deep/index.ts')], [created('lib')])).toEqual(found);
  expect(collide([created('library')], [created('lib/index.ts')])).toEqual([]);
});

it('finds a file moved to where the other side made one, unless they are the same', () => {
  const moved: FileChange = { path: 'old', status: 'modified', movedTo: 'new', checksum: '1', hunks: [] };
  expect(collide([moved], [created('new', '2')])).toEqual([{ path: 'new', kind: 'both_created' }]);
  expect(collide([created('new', '2')], [moved])).toEqual([{ path: 'new', kind: 'both_created' }]);
  expect(collide([moved], [created('new', '1')])).toEqual([]);
});
