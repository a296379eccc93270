import type { ExactMerge } from '@agentmix/act-contract';
import { MERGE_PATHS_MAX } from '@agentmix/act-contract';
import type { CollisionKind } from '../file-range/collision.ts';
import { allPlaces, collisionAt } from '../file-range/collisions.ts';
import type { ChangeSet } from '../file-range/collisions.ts';

/** What a worktree last reported. No text of a file is in it. */
export interface ReportedWorktree {
  readonly key: string;
  readonly agentId: string;
  /** Hash of everything in it: two reports with the same are of the same files. */
  readonly tree: string;
  readonly changes: ChangeSet;
  readonly merges: readonly ExactMerge[];
}

/** A conflict that a merge of two worktrees would have. Pair and path are its cause: it is told once. */
export interface PredictedConflict {
  /** Keys of the worktrees in order. */
  readonly worktrees: [string, string];
  /** Whose they are, in the same order. */
  readonly agents: [string, string];
  readonly path: string;
  /** Absent where git said so. */
  readonly kind?: CollisionKind | undefined;
}

/** A report as predictions see it. */
export interface ReportStep {
  /** The worktree before it. */
  readonly known?: ReportedWorktree | undefined;
  readonly next: ReportedWorktree;
  /** The only places where it changed anything; absent: everywhere. */
  readonly changed?: readonly string[] | undefined;
}

export interface ChangedPredictions {
  readonly withdrawn: PredictedConflict[];
  readonly predicted: PredictedConflict[];
}

/** Git’s answer for a pair, from either side; undefined unless it is about what both reported last. */
const exactPaths = (one: ReportedWorktree, other: ReportedWorktree): readonly string[] | undefined =>
  (
    one.merges.find(({ key, tree }) => key === other.key && tree === other.tree) ??
    other.merges.find(({ key, tree }) => key === one.key && tree === one.tree)
  )?.paths;

const conflictOf = (
  one: ReportedWorktree,
  other: ReportedWorktree,
): Pick<PredictedConflict, 'worktrees' | 'agents'> => {
  const [first, second] = one.key < other.key ? [one, other] : [other, one];
  return { worktrees: [first.key, second.key], agents: [first.agentId, second.agentId] };
};

/**
 * What a report changes about the conflicts of its worktree with one of another agent, of which these were told: by
 * git’s own answer where both are on one machine, else by lines and hashes. While lines decide, only where something
 * changed is compared. A pair has room for so many conflicts; one that finds none is told when its place changes again.
 */
export const changedPredictions = (
  { known, next, changed }: ReportStep,
  other: ReportedWorktree,
  told: ReadonlyMap<string, PredictedConflict>,
): ChangedPredictions => {
  const exact = exactPaths(next, other);
  const stopping = exact && new Set(exact);
  const isGoingOn = !exact && known && !exactPaths(known, other);
  const paths =
    isGoingOn && changed ? changed : new Set([...told.keys(), ...(exact ?? allPlaces(next.changes))]);
  const withdrawn: PredictedConflict[] = [];
  const found: Pick<PredictedConflict, 'path' | 'kind'>[] = [];
  for (const path of paths) {
    const kind = stopping ? undefined : collisionAt(path, next.changes, other.changes);
    const before = told.get(path);
    if (stopping ? stopping.has(path) : kind) {
      if (!before) found.push({ path, ...(kind ? { kind } : {}) });
    } else if (before) withdrawn.push(before);
  }
  const room = MERGE_PATHS_MAX - told.size + withdrawn.length;
  const common = conflictOf(next, other);
  return { withdrawn, predicted: found.slice(0, room).map((one) => ({ ...common, ...one })) };
};

/** Names the cause of a conflict. */
export const causeOf = ({ worktrees, path }: Pick<PredictedConflict, 'worktrees' | 'path'>): string =>
  JSON.stringify([...worktrees, path]);
