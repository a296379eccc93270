import { expect, it } from 'vitest';
import type { FileChange } from '../file-range/collision.ts';
import { changedPredictions, predictConflicts } from './predictions.ts';
import type { ExactMerge, PredictedConflict, ReportedWorktree } from './predictions.ts';

const line = (path: string, start: number): FileChange => ({
  path,
  status: 'modified',
  hunks: [{ start, length: 1, newLength: 1 }],
});
const worktree = (
  key: string,
  files: readonly FileChange[],
  merges: readonly ExactMerge[] = [],
  agentId = `agent of ${key}`,
): ReportedWorktree => ({ key, agentId, tree: `tree of ${key}`, files, merges });
const conflict = (one: string, other: string, path: string): PredictedConflict => ({
  worktrees: [one, other],
  agents: [`agent of ${one}`, `agent of ${other}`],
  path,
});

it('predicts by lines where git was not asked, in the same words whoever reports', () => {
  const [a, b] = [worktree('a', [line('x', 5), line('y', 1)]), worktree('b', [line('x', 6), line('y', 9)])];
  const found = [{ ...conflict('a', 'b', 'x'), kind: 'content' }];
  expect(predictConflicts(a, [a, b])).toEqual(found);
  expect(predictConflicts(b, [a, b])).toEqual(found);
});

it('predicts nothing between worktrees of one agent', () => {
  const [a, b] = [worktree('a', [line('x', 5)], [], 'ada'), worktree('b', [line('x', 5)], [], 'ada')];
  expect(predictConflicts(a, [b])).toEqual([]);
});

it('believes git rather than lines, whichever side asked it', () => {
  const clean = { key: 'b', tree: 'tree of b', paths: [] };
  const b = worktree('b', [line('x', 5)]);
  expect(predictConflicts(worktree('a', [line('x', 5)], [clean]), [b])).toEqual([]);
  expect(predictConflicts(b, [worktree('a', [line('x', 5)], [clean])])).toEqual([]);
  const stopped = { ...clean, paths: ['other'] };
  expect(predictConflicts(worktree('a', [line('x', 5)], [stopped]), [b])).toEqual([
    conflict('a', 'b', 'other'),
  ]);
});

it('goes back to lines when what git merged is no longer what was reported', () => {
  const stale = { key: 'b', tree: 'an older tree', paths: [] };
  const found = predictConflicts(worktree('a', [line('x', 5)], [stale]), [worktree('b', [line('x', 5)])]);
  expect(found).toMatchObject([conflict('a', 'b', 'x')]);
});

it('tells each cause once, also when its kind changes, and once that it is gone', () => {
  const [x, y, z] = ['x', 'y', 'z'].map((path) => conflict('a', 'b', path)) as [
    PredictedConflict,
    PredictedConflict,
    PredictedConflict,
  ];
  expect(changedPredictions([x, y], [{ ...y, kind: 'content' }, z])).toEqual({
    predicted: [z],
    withdrawn: [x],
  });
  expect(changedPredictions([x], [x])).toEqual({ predicted: [], withdrawn: [] });
});
