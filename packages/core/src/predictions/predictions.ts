import { collisions } from '../file-range/collisions.ts';

import type { CollisionKind, FileChange } from '../file-range/collision.ts';

/** What git said of the merge of a worktree with another one on its machine. */
export interface ExactMerge {
  /** The other worktree, and its tree that was merged. */
  readonly key: string;
  readonly tree: string;
  /** Paths in conflict; none where the merge is clean. */
  readonly paths: readonly string[];
}

/** What a worktree last reported. No text of a file is in it. */
export interface ReportedWorktree {
  readonly key: string;
  readonly agentId: string;
  /** Hash of everything in it: two reports with the same are of the same files. */
  readonly tree: string;
  readonly files: readonly FileChange[];
  readonly merges: readonly ExactMerge[];
}

/** A conflict that a merge of two worktrees would have. Pair and path are its cause: it is told once. */
export interface PredictedConflict {
  /** Keys of the worktrees in order. */
  readonly worktrees: readonly [string, string];
  /** Whose they are, in the same order. */
  readonly agents: readonly [string, string];
  readonly path: string;
  /** Absent where git said so. */
  readonly kind?: CollisionKind;
}

/** Git’s answer for a pair, from either side; undefined unless it is about what both reported last. */
const exactPaths = (one: ReportedWorktree, other: ReportedWorktree): readonly string[] | undefined =>
  [
    ...one.merges.filter(({ key, tree }) => key === other.key && tree === other.tree),
    ...other.merges.filter(({ key, tree }) => key === one.key && tree === one.tree),
  ][0]?.paths;

const between = (one: ReportedWorktree, other: ReportedWorktree): PredictedConflict[] => {
  const [first, second] = one.key < other.key ? [one, other] : [other, one];
  const common = {
    worktrees: [first.key, second.key],
    agents: [first.agentId, second.agentId],
  } as const;
  const exact = exactPaths(first, second);
  return exact
    ? exact.map((path) => ({ ...common, path }))
    : collisions(first.files, second.files).map((collision) => ({ ...common, ...collision }));
};

/**
 * What a merge of this worktree with those of other agents would stop at: by git’s own answer where both are on one
 * machine, else by lines and hashes. An agent’s own worktrees are its own affair.
 */
export const predictConflicts = (
  one: ReportedWorktree,
  others: Iterable<ReportedWorktree>,
): PredictedConflict[] =>
  [...others]
    .filter(({ key, agentId }) => key !== one.key && agentId !== one.agentId)
    .flatMap((other) => between(one, other));

const causeOf = ({ worktrees, path }: PredictedConflict): string => JSON.stringify([...worktrees, path]);

/** What is to be told when these predictions take the place of those: each cause once, and once that it is gone. */
export const changedPredictions = (
  before: readonly PredictedConflict[],
  now: readonly PredictedConflict[],
): { readonly predicted: PredictedConflict[]; readonly withdrawn: PredictedConflict[] } => {
  const known = new Set(before.map(causeOf));
  const still = new Set(now.map(causeOf));
  return {
    predicted: now.filter((conflict) => !known.has(causeOf(conflict))),
    withdrawn: before.filter((conflict) => !still.has(causeOf(conflict))),
  };
};
