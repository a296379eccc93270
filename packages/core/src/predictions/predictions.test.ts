import { expect, it } from 'vitest';
import type { ExactMerge } from '@agentmix/act-contract';
import { MERGE_PATHS_MAX } from '@agentmix/act-contract';
import { changeSet } from '../file-range/collisions.ts';
import type { FileChange } from '../file-range/collision.ts';
import { changedPredictions } from './predictions.ts';
import type { PredictedConflict, ReportedWorktree } from './predictions.ts';

const line = (path: string, start: number): FileChange => ({
  path,
  status: 'modified',
  hunks: [{ start, length: 1, newLength: 1 }],
});
const worktree = (
  key: string,
  files: readonly FileChange[],
  merges: readonly ExactMerge[] = [],
): ReportedWorktree => ({
  key,
  agentId: `agent of ${key}`,
  tree: `tree of ${key}`,
  changes: changeSet(files),
  merges,
});
const conflict = (path: string, kind?: 'content'): PredictedConflict => ({
  worktrees: ['a', 'b'],
  agents: ['agent of a', 'agent of b'],
  path,
  ...(kind ? { kind } : {}),
});
const told = (...conflicts: PredictedConflict[]) => new Map(conflicts.map((one) => [one.path, one]));
const NOTHING = { withdrawn: [], predicted: [] };

it('predicts by lines where git was not asked, in the same words whoever reports', () => {
  const [a, b] = [worktree('a', [line('x', 5), line('y', 1)]), worktree('b', [line('x', 6), line('y', 9)])];
  const found = { withdrawn: [], predicted: [conflict('x', 'content')] };
  expect(changedPredictions({ next: a }, b, told())).toEqual(found);
  expect(changedPredictions({ next: b }, a, told())).toEqual(found);
});

it('believes git rather than lines, whichever side asked it', () => {
  const clean = { key: 'b', tree: 'tree of b', paths: [] };
  const b = worktree('b', [line('x', 5)]);
  const a = worktree('a', [line('x', 5)], [clean]);
  const withdrawn = { withdrawn: [conflict('x', 'content')], predicted: [] };
  expect(changedPredictions({ next: a }, b, told(conflict('x', 'content')))).toEqual(withdrawn);
  expect(changedPredictions({ next: b }, a, told(conflict('x', 'content')))).toEqual(withdrawn);
  const stopped = worktree('a', [line('x', 5)], [{ ...clean, paths: ['other'] }]);
  expect(changedPredictions({ next: stopped }, b, told()).predicted).toEqual([conflict('other')]);
});

it('goes back to all lines when what git merged is no longer what was reported', () => {
  const b = worktree('b', [line('x', 5), line('y', 5)]);
  const known = worktree('a', [line('x', 5), line('y', 5)], [{ key: 'b', tree: 'tree of b', paths: ['z'] }]);
  const next = worktree('a', [line('x', 5), line('y', 5)]);
  expect(changedPredictions({ known, next, changed: ['y'] }, b, told(conflict('z')))).toEqual({
    withdrawn: [conflict('z')],
    predicted: [conflict('x', 'content'), conflict('y', 'content')],
  });
});

it('compares only where something changed, while lines decide', () => {
  const [known, b] = [worktree('a', [line('x', 5)]), worktree('b', [line('x', 5), line('y', 5)])];
  const next = worktree('a', [line('x', 9), line('y', 5)]);
  const before = told(conflict('x', 'content'));
  const predicted = [conflict('y', 'content')];
  expect(changedPredictions({ known, next, changed: ['y'] }, b, before)).toEqual({ ...NOTHING, predicted });
  const withdrawn = [conflict('x', 'content')];
  expect(changedPredictions({ known, next, changed: ['x', 'y'] }, b, before)).toEqual({
    withdrawn,
    predicted,
  });
});

it('tells each cause once, also when its kind changes', () => {
  const [a, b] = [worktree('a', [line('x', 5)]), worktree('b', [line('x', 5)])];
  expect(changedPredictions({ next: a }, b, told(conflict('x')))).toEqual(NOTHING);
});

it('tells no more of a pair than anybody reads, and more when some are gone', () => {
  const many = Array.from({ length: MERGE_PATHS_MAX + 9 }, (_, at) => line(`src/${at}`, 1));
  const [a, b] = [worktree('a', many), worktree('b', many)];
  const { predicted } = changedPredictions({ next: a }, b, told());
  expect(predicted).toHaveLength(MERGE_PATHS_MAX);
  expect(changedPredictions({ next: a }, b, told(...predicted))).toEqual(NOTHING);
  const fewer = worktree('a', many.slice(3));
  const changed = changedPredictions({ next: fewer }, b, told(...predicted));
  expect([changed.withdrawn.length, changed.predicted.length]).toEqual([3, 3]);
});
