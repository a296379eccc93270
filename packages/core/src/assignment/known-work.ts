import { fingerprint, fingerprintOfWords } from '../fingerprint.ts';
import type { TaskState } from '../state.ts';

/** Tasks by a key. Nearly all keys have one task, and a set for each would cost a claim more than the rest of it. */
export type Shelf<Key> = Map<Key, TaskState | Set<TaskState>>;

/** Open tasks, to be found by what they are about. */
export interface KnownWork {
  /** All of them, by what their titles say. */
  readonly byTitle: Shelf<number>;
  /** Those that somebody holds, by the paths that they name. */
  readonly heldByPath: Shelf<string>;
}

export const emptyKnownWork = (): KnownWork => ({ byTitle: new Map(), heldByPath: new Map() });

/** Shorter titles are names of a kind of work, such as “fix tests”, which many tasks are at once. */
const TITLE_WORDS_MIN = 3;

/** The same for tasks that say the same: kind, phase, and the title’s words. 0 for a title that says too little. */
export const titleKeyOf = ({ title, type, phaseId }: TaskState): number =>
  fingerprintOfWords(
    title,
    TITLE_WORDS_MIN,
    fingerprint(phaseId === undefined ? type : `${type} ${phaseId}`),
  );

const put = <Key>(shelf: Shelf<Key>, key: Key, task: TaskState): void => {
  const known = shelf.get(key);
  if (known === undefined) shelf.set(key, task);
  else if (known instanceof Set) known.add(task);
  else shelf.set(key, new Set([known, task]));
};

const take = <Key>(shelf: Shelf<Key>, key: Key, task: TaskState): void => {
  const known = shelf.get(key);
  const isLast = known instanceof Set ? known.delete(task) && known.size === 0 : known === task;
  if (isLast) shelf.delete(key);
};

export const onShelf = <Key>(shelf: Shelf<Key>, key: Key): readonly TaskState[] => {
  const known = shelf.get(key);
  if (known === undefined) return [];
  return known instanceof Set ? [...known] : [known];
};

export const putTitle = ({ byTitle }: KnownWork, task: TaskState): void => {
  if (task.titleKey !== 0) put(byTitle, task.titleKey, task);
};

export const takeTitle = ({ byTitle }: KnownWork, task: TaskState): void => {
  if (task.titleKey !== 0) take(byTitle, task.titleKey, task);
};

export const putPaths = ({ heldByPath }: KnownWork, task: TaskState): void => {
  for (const path of task.filePaths) put(heldByPath, path, task);
};

export const takePaths = ({ heldByPath }: KnownWork, task: TaskState): void => {
  for (const path of task.filePaths) take(heldByPath, path, task);
};
