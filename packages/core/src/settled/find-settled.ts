import type { MainCommit, Settled } from '@agentmix/act-contract';
import type { TaskState } from '../state.ts';
import { changedPaths, makeEffort } from './changed-paths.ts';
import { settledBy } from './settled-by.ts';

/**
 * The tasks that commits look to have done, each by the first that does. A task that is flagged already is not looked
 * at: one doubt is enough, and every further commit would be noise.
 */
export const findSettled = (
  tasks: Iterable<TaskState>,
  commits: readonly MainCommit[],
): (Settled & { readonly taskId: string })[] => {
  if (commits.length === 0) return [];
  const effort = makeEffort();
  const judged = commits.map((commit) => ({ commit, isChanged: changedPaths(commit.paths, effort) }));
  const found: (Settled & { readonly taskId: string })[] = [];
  for (const task of tasks) {
    if (task.settled) continue;
    for (const { commit, isChanged } of judged) {
      const by = settledBy(task, commit, isChanged);
      if (!by) continue;
      found.push({ taskId: task.id, commit: commit.commit, by });
      break;
    }
  }
  return found;
};
