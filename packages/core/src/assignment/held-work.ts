import { fingerprint } from '../fingerprint.ts';
import type { TaskState } from '../state.ts';

/** Tasks that somebody holds, to be found by what they are about. */
export interface HeldWork {
  /** How many open tasks, held or not, say the same in their titles. */
  readonly titles: Map<number, number>;
  readonly byTitle: Map<number, Set<TaskState>>;
  readonly byPath: Map<string, Set<TaskState>>;
}

export const emptyHeldWork = (): HeldWork => ({ titles: new Map(), byTitle: new Map(), byPath: new Map() });

/** Shorter titles are names of a kind of work, such as “fix tests”, which many tasks are at once. */
const TITLE_WORDS_MIN = 3;

/**
 * The same for tasks that say the same: kind, phase, and the title’s letters and digits in one case. 0 for a title that
 * says too little. It takes microseconds, so a task keeps it.
 */
export const titleKeyOf = ({ title, type, phaseId = '' }: TaskState): number => {
  const words =
    title
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.length < TITLE_WORDS_MIN ? 0 : fingerprint([type, phaseId, ...words].join('\n'));
};

/** Counts an open task’s title in, by 1, or out, by -1. */
export const countTitle = ({ titles }: HeldWork, { titleKey }: TaskState, by: 1 | -1): void => {
  if (titleKey === 0) return;
  const count = (titles.get(titleKey) ?? 0) + by;
  if (count === 0) titles.delete(titleKey);
  else titles.set(titleKey, count);
};

const put = <Key>(shelf: Map<Key, Set<TaskState>>, key: Key, task: TaskState): void => {
  const known = shelf.get(key);
  if (known) known.add(task);
  else shelf.set(key, new Set([task]));
};

const take = <Key>(shelf: Map<Key, Set<TaskState>>, key: Key, task: TaskState): void => {
  const known = shelf.get(key);
  if (known?.delete(task) && known.size === 0) shelf.delete(key);
};

export const putHeld = ({ byTitle, byPath }: HeldWork, task: TaskState): void => {
  if (task.titleKey !== 0) put(byTitle, task.titleKey, task);
  for (const path of task.filePaths) put(byPath, path, task);
};

export const takeHeld = ({ byTitle, byPath }: HeldWork, task: TaskState): void => {
  if (task.titleKey !== 0) take(byTitle, task.titleKey, task);
  for (const path of task.filePaths) take(byPath, path, task);
};
