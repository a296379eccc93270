import type { EventData } from '@agentmix/act-contract';
import { WORKTREE_FILES_MAX, WORKTREE_HUNKS_MAX, WORKTREES_MAX } from '@agentmix/act-contract';
import { defined } from '../defined.ts';
import type { FileChange } from '../file-range/collision.ts';
import { afterReport, worktreeImage } from '../predictions/worktree.ts';
import type { WorktreeState } from '../predictions/worktree.ts';
import { accept, isRefused, refuse, sessionOf } from './decision.ts';
import type { Decide } from './decision.ts';

const hunksOf = (files: Iterable<FileChange>): number => {
  let count = 0;
  for (const { hunks } of files) count += hunks?.length ?? 0;
  return count;
};

const isSame = (known: WorktreeState, next: WorktreeState): boolean =>
  known.tree === next.tree && JSON.stringify(worktreeImage(known)) === JSON.stringify(worktreeImage(next));

export const reportWorktree: Decide<'worktree.report'> = (state, input) => {
  const session = sessionOf(state, input.sessionId);
  if (isRefused(session)) return session;
  const { worktree, since, omitted, files, gone, merges, sessionId } = input;
  const known = state.worktrees.get(worktree.key);
  if (known && known.sessionId !== sessionId)
    return refuse('worktree_not_yours', `${known.agentId} reports ${worktree.key}`);
  if (since !== undefined && known?.tree !== since)
    return refuse('report_out_of_step', known ? `the last report is of ${known.tree}` : 'there is no report');
  if (!known && state.worktrees.size >= WORKTREES_MAX)
    return refuse('limit_reached', `at most ${WORKTREES_MAX} worktrees`);
  const data: EventData<'worktree.reported'> = {
    sessionId,
    worktree: defined(worktree),
    ...defined({ since, omitted }),
    files: files.map((file) => defined(file)),
    gone,
    merges,
  };
  const next = afterReport(known, data, session.agentId, known?.reportedAt ?? 0);
  const { byPath } = next.changes;
  if (byPath.size > WORKTREE_FILES_MAX || hunksOf(byPath.values()) > WORKTREE_HUNKS_MAX)
    return refuse('limit_reached', `at most ${WORKTREE_FILES_MAX} files and ${WORKTREE_HUNKS_MAX} hunks`);
  return known && isSame(known, next)
    ? accept()
    : accept({ type: 'worktree.reported', agentId: session.agentId, data });
};
