import type { EventData } from '@agentmix/act-contract';
import type { Changes } from '../changes.ts';
import { afterReport } from '../predictions/worktree.ts';
import type { ProjectState } from '../state.ts';

export const worktreeReported = (
  state: ProjectState,
  data: EventData<'worktree.reported'>,
  changes: Changes,
  at: number,
  { agentId = '' }: { readonly agentId?: string },
): void => {
  const { key } = data.worktree;
  const worktree = afterReport(state.worktrees.get(key), data, agentId, at);
  state.worktrees.set(key, worktree);
  changes.worktrees.set(key, worktree);
  changes.endedWorktrees.delete(key);
};

/** Worktrees live and die with the session that reports them. */
export const endWorktrees = (state: ProjectState, sessionId: string, changes: Changes): void => {
  for (const [key, worktree] of state.worktrees) {
    if (worktree.sessionId !== sessionId) continue;
    state.worktrees.delete(key);
    changes.worktrees.delete(key);
    changes.endedWorktrees.add(key);
  }
};
