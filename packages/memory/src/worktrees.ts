import { causeOf, predictionSteps, worktreeImage } from '@agentmix/act-core';
import type { Changes } from '@agentmix/act-core';
import type { ProjectRows } from './rows.ts';

/** Writes worktrees as they were last reported, and the predictions that stand. */
export const writeWorktreeRows = (rows: ProjectRows, changes: Changes, at: number): void => {
  for (const key of changes.endedWorktrees) rows.worktrees.delete(key);
  for (const [key, worktree] of changes.worktrees)
    rows.worktrees.set(key, structuredClone(worktreeImage(worktree)));
  for (const { type, seq, data } of predictionSteps(changes)) {
    const cause = causeOf(data);
    rows.predictions.delete(cause);
    if (type === 'conflict.predicted')
      rows.predictions.set(cause, structuredClone({ ...data, seq, since: at }));
  }
};
