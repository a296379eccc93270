import type { EventData, ExactMerge, Worktree } from '@agentmix/act-contract';
import { defined } from '../defined.ts';
import type { FileChange } from '../file-range/collision.ts';
import { changeSet } from '../file-range/collisions.ts';
import type { ReportedWorktree } from './predictions.ts';

/** A worktree as its reports tell it. Times in epoch milliseconds. */
export interface WorktreeState extends ReportedWorktree, Omit<Worktree, 'key' | 'tree'> {
  readonly sessionId: string;
  /** Changed files that were not reported because there are too many. */
  readonly omitted?: number | undefined;
  readonly reportedAt: number;
}

/** What a row holds of a worktree: the same, its files as a list in the order of their paths. */
export interface WorktreeImage extends Omit<WorktreeState, 'changes' | 'merges'> {
  readonly files: FileChange[];
  readonly merges: ExactMerge[];
}

export const worktreeOf = ({ files, ...worktree }: WorktreeImage): WorktreeState => ({
  ...worktree,
  changes: changeSet(files),
});

export const worktreeImage = ({ changes, merges, ...worktree }: WorktreeState): WorktreeImage => ({
  ...defined(worktree),
  files: [...changes.byPath.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1)),
  merges: [...merges],
});

/** The worktree after a report: a whole one takes the place of the one before, any other changes it. */
export const afterReport = (
  known: WorktreeState | undefined,
  report: EventData<'worktree.reported'>,
  agentId: string,
  at: number,
): WorktreeState => {
  const { sessionId, worktree, since, files, gone, merges, omitted } = report;
  const byPath = new Map(since === undefined ? undefined : known?.changes.byPath);
  for (const path of gone) byPath.delete(path);
  for (const file of files) byPath.set(file.path, file);
  return {
    ...worktree,
    sessionId,
    agentId,
    changes: changeSet(byPath.values()),
    merges,
    ...defined({ omitted }),
    reportedAt: at,
  };
};
