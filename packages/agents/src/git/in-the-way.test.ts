import type { Reservation } from '@agentmix/act-contract';
import { expect, it } from 'vitest';
import { inTheWay } from './in-the-way.ts';

const at = '2026-11-24T10:00:00.000Z';
const reserved = (more: Partial<Reservation>): Reservation => ({
  id: '01a20d22-0000-7000-8000-000000000001',
  agentId: 'ann',
  sessionId: '01a20d22-0000-7000-8000-000000000002',
  mode: 'exclusive',
  status: 'granted',
  epoch: 1,
  since: at,
  renewedAt: at,
  path: 'a.ts',
  ranges: [{ start: 10, lines: 2 }],
  ...more,
});
const commit = (start: number, lines: number) => [{ path: 'a.ts', lines: [{ start, lines }] }];
const found = (files: Parameters<typeof inTheWay>[0], one: Reservation, own: readonly string[] = []) => {
  const { refusing, near } = inTheWay(files, [one], new Set(own));
  return [refusing.length, near.length];
};

it.each([
  ['that share a line', 11, 1, [1, 0]],
  ['that lie right beside them', 12, 3, [1, 0]],
  ['that are put in between', 10, 0, [1, 0]],
  ['that lie elsewhere', 13, 1, [0, 1]],
] as const)('counts lines %s', (_what, start, lines, expected) =>
  expect(found(commit(start, lines), reserved({}))).toEqual(expected),
);
it('takes a file and a pattern without lines as every line', () => {
  const { ranges: _ranges, ...whole } = reserved({});
  expect(found(commit(99, 1), whole)).toEqual([1, 0]);
  const { path: _path, ...pattern } = whole;
  expect(found(commit(99, 1), { ...pattern, pattern: '*.ts' })).toEqual([1, 0]);
  expect(found(commit(99, 1), { ...pattern, pattern: 'docs/**' })).toEqual([0, 0]);
});
it('only warns of what is shared or waits, and of lines that git does not tell', () => {
  expect(found(commit(10, 1), reserved({ mode: 'shared' }))).toEqual([0, 1]);
  expect(found(commit(10, 1), reserved({ status: 'queued' }))).toEqual([0, 1]);
  expect(found([{ path: 'a.ts', lines: [] }], reserved({}))).toEqual([0, 1]);
});
it('lets an agent commit what it has reserved itself', () =>
  expect(found(commit(10, 1), reserved({}), ['ann'])).toEqual([0, 0]));
