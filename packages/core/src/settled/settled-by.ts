import type { MainCommit, Settled } from '@agentmix/act-contract';
import type { TaskState } from '../state.ts';

/** What the rule looks at. */
export type Judged = Pick<TaskState, 'id' | 'key' | 'title' | 'filePaths' | 'checkpoint'>;

/** Whether a commit is the one that a holder showed, by its full or its short id. */
export const isShown = (shown: string | undefined, commit: string | undefined): boolean =>
  shown !== undefined && commit !== undefined && commit.startsWith(shown);

const ISSUE = /#\d+(?![\w-])/g;

/** A mention is the key or the id of the task, or an issue that its title names. */
const isMentioned = ({ id, key, title }: Judged, mentions: readonly string[]): boolean =>
  mentions.length > 0 &&
  [id, key, ...(title.match(ISSUE) ?? [])].some((name) => name !== undefined && mentions.includes(name));

/**
 * How a commit looks to have done a task: its message names it, or it changed every path that the task names. A commit
 * that the holder keeps in its checkpoint is its own work in progress. `isChanged` says whether the commit changed
 * what a path or pattern names.
 */
export const settledBy = (
  task: Judged,
  { commit, mentions }: Pick<MainCommit, 'commit' | 'mentions'>,
  isChanged: (path: string) => boolean,
): Settled['by'] | undefined => {
  if (isShown(task.checkpoint?.commit, commit)) return undefined;
  if (isMentioned(task, mentions)) return 'mention';
  return task.filePaths.length > 0 && task.filePaths.every(isChanged) ? 'paths' : undefined;
};
