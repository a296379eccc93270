import { onShelf } from '../assignment/known-work.ts';
import type { ProjectState, TaskState } from '../state.ts';

/** One file is shared by much that is not the same work; its lines are what reservations are for. */
const FILES_MIN = 2;
/** Part of the files of the task that names more. */
const FILES_SHARE = 0.8;

/** A file that more held tasks name tells nothing of any of them; it also bounds how many are looked at. */
const SAME_PATH_MAX = 16;

/** A directory or a pattern says where, not what: only names of files tell work apart. */
const isFile = (path: string): boolean => /[^/]\.[^./*?{}]+$/.test(path) && !/[*?{}]/.test(path);

const filesOf = ({ filePaths }: TaskState): Set<string> => new Set(filePaths.filter(isFile));

/** A title that more open tasks bear is a template’s: of one real plan’s 645 tasks 44 are “mol-polecat-work”. */
const SAME_TITLES_MAX = 2;

/** Who holds which other task, and what makes it look the same. */
export interface SameWork {
  readonly agentId: string;
  readonly taskId: string;
  readonly why: string;
}

/** Held tasks that say the same, if no third open task does. */
const sameTitle = (state: ProjectState, task: TaskState): TaskState[] => {
  const { byTitle } = state.index.work;
  // Nearly every title is its task’s alone.
  const bearers = byTitle.get(task.titleKey) === task ? [] : onShelf(byTitle, task.titleKey);
  if (bearers.length > SAME_TITLES_MAX) return [];
  const own = filesOf(task);
  // The same words about other files are other work.
  return bearers.filter((other) => {
    if (other.status !== 'claimed') return false;
    const files = filesOf(other);
    return own.size === 0 || files.size === 0 || [...own].some((file) => files.has(file));
  });
};

const sameFiles = (state: ProjectState, task: TaskState): TaskState[] => {
  const { heldByPath } = state.index.work;
  let known = 0;
  for (const path of task.filePaths) if (heldByPath.has(path)) known++;
  // Nearly no task shares so much with what is held: the others are not looked at.
  if (known < FILES_MIN) return [];
  const own = filesOf(task);
  const shared = new Map<TaskState, number>();
  for (const path of own) {
    const named = onShelf(heldByPath, path);
    if (named.length > SAME_PATH_MAX) continue;
    for (const other of named) shared.set(other, (shared.get(other) ?? 0) + 1);
  }
  // A review, or the tests, of the same files is other work.
  return [...shared].flatMap(([other, count]) =>
    other.type === task.type &&
    count >= Math.max(FILES_MIN, FILES_SHARE * own.size) &&
    count >= FILES_SHARE * filesOf(other).size
      ? [other]
      : [],
  );
};

/**
 * The held task of another agent that this one seems to do again, if there is one; the longest held first. Asked for
 * every grant, so a task that is like no other costs one look for its title and one for each of its paths.
 */
export const sameWorkAs = (state: ProjectState, task: TaskState, agentId: string): SameWork | undefined => {
  const found = (tasks: readonly TaskState[], why: string): SameWork | undefined => {
    if (tasks.length === 0) return undefined;
    const [oldest] = tasks
      .filter((other) => other.id !== task.id && other.agentId !== agentId)
      .toSorted((a, b) => (a.claimedAt ?? 0) - (b.claimedAt ?? 0) || a.order - b.order);
    return oldest && { agentId: oldest.agentId ?? '', taskId: oldest.id, why };
  };
  return found(sameTitle(state, task), 'the same title') ?? found(sameFiles(state, task), 'the same files');
};
