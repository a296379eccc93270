import fc from 'fast-check';
import { expect, it } from 'vitest';
import { collisionOf, conflicts } from './collision.ts';
import type { FileChange, Hunk } from './collision.ts';

const modified = (...hunks: Hunk[]): FileChange => ({ path: 'a.ts', status: 'modified', hunks });
const created = (checksum: string, ...hunks: Hunk[]): FileChange => ({
  path: 'a.ts',
  status: 'created',
  checksum,
  hunks,
});
const deleted: FileChange = { path: 'a.ts', status: 'deleted' };
const hunk = (start: number, length: number, newLength: number, hash?: string): Hunk => ({
  start,
  length,
  newLength,
  ...(hash === undefined ? {} : { hash }),
});

it('lets changes in different places of a file pass', () => {
  expect(conflicts(modified(hunk(1, 2, 2)), modified(hunk(4, 1, 0)))).toBe(false);
});

it('finds changes that touch', () => {
  expect(collisionOf(modified(hunk(1, 2, 2)), modified(hunk(3, 0, 5)))).toBeUndefined();
  expect(collisionOf(modified(hunk(1, 2, 2)), modified(hunk(2, 0, 5)))).toBe('content');
});

it('ignores a hunk that both sides have, and nothing but that hunk', () => {
  const same = hunk(10, 1, 3, 'aa');
  expect(conflicts(modified(same), modified(same))).toBe(false);
  expect(conflicts(modified(same), modified(hunk(10, 1, 3, 'bb')))).toBe(true);
  expect(conflicts(modified(same, hunk(20, 1, 1, 'x')), modified(same, hunk(21, 1, 1, 'y')))).toBe(true);
  expect(conflicts(modified(hunk(10, 1, 3)), modified(hunk(10, 1, 3)))).toBe(true);
});

it('ignores changes that end in the same file', () => {
  const one = { ...modified(hunk(1, 1, 1)), checksum: 'e1' };
  expect(conflicts(one, { ...one, hunks: [hunk(1, 1, 2)] })).toBe(false);
  expect(conflicts(created('e1'), created('e1'))).toBe(false);
});

it('finds two different files created at one path', () => {
  expect(collisionOf(created('e1', hunk(0, 0, 3, 'x')), created('e2', hunk(0, 0, 3, 'y')))).toBe(
    'both_created',
  );
});

it('merges a created empty file with any other', () => {
  expect(conflicts(created('e0'), created('e2', hunk(0, 0, 3, 'y')))).toBe(false);
});

it('finds a file deleted on one side and changed on the other, but not one deleted on both', () => {
  expect(collisionOf(deleted, modified(hunk(1, 1, 1)))).toBe('deleted_and_changed');
  expect(collisionOf(modified(hunk(1, 1, 1)), deleted)).toBe('deleted_and_changed');
  expect(collisionOf(deleted, deleted)).toBeUndefined();
});

it('finds a file moved to two places, and compares the text of one that only one side moved', () => {
  const moved = { ...modified(), movedTo: 'b.ts' };
  expect(collisionOf(moved, { ...modified(), movedTo: 'c.ts' })).toBe('moved_apart');
  expect(collisionOf(moved, modified(hunk(1, 1, 1)))).toBeUndefined();
  expect(collisionOf({ ...moved, hunks: [hunk(1, 1, 2)] }, modified(hunk(1, 1, 1)))).toBe('content');
});

it('takes a file without lines as one region', () => {
  const binary = { path: 'a.png', status: 'modified', checksum: 'e1' } as const;
  expect(collisionOf(binary, { ...binary, checksum: 'e2' })).toBe('content');
  expect(collisionOf(binary, binary)).toBeUndefined();
});

it('does not compare lines of different base texts', () => {
  const one = { ...modified(hunk(1, 1, 1)), baseChecksum: 'b1' };
  expect(conflicts(one, { ...one, baseChecksum: 'b2' })).toBe(false);
  expect(conflicts(one, one)).toBe(true);
});

it('says the same whichever side is asked first', () => {
  const someHunk = fc.record({
    start: fc.integer({ min: 1, max: 12 }),
    length: fc.nat(2),
    newLength: fc.nat(2),
    hash: fc.constantFrom('x', 'y'),
  });
  const change = fc.record({
    path: fc.constant('a'),
    status: fc.constantFrom('created' as const, 'modified' as const, 'deleted' as const),
    checksum: fc.constantFrom('1', '2', '3'),
    hunks: fc.option(fc.array(someHunk, { maxLength: 3 }), { nil: undefined }),
  });
  fc.assert(
    fc.property(change, change, (one, other) => {
      expect(collisionOf(one, other)).toBe(collisionOf(other, one));
      expect(conflicts(one, { ...one })).toBe(false);
    }),
  );
});
