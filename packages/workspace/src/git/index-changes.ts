import { itemsOf } from './git.ts';
import type { Git, GitCall } from './git.ts';

/** What differs between an index and the files on disk. Paths are in bytes, see itemsOf. */
export interface IndexChanges {
  /** Known files that are there and may have changed. */
  readonly changed: readonly string[];
  /** Known files that are gone. */
  readonly gone: readonly string[];
  /** Files in the middle of a merge: the index has several versions and needs one. */
  readonly unmerged: ReadonlySet<string>;
  /** Known files in whose place another repository lies now. */
  readonly covered: readonly string[];
}

const SUBMODULE = '160000';

/** Compares by what git knows about each file’s age and size; it may list a file that is the same. */
export const indexChanges = async (git: Git, call: GitCall): Promise<IndexChanges> => {
  const items = itemsOf(await git(['diff-files', '--raw', '-z', '--ignore-submodules=dirty'], call));
  const changed = new Set<string>();
  const gone = new Set<string>();
  const unmerged = new Set<string>();
  const covered: string[] = [];
  for (let at = 0; at + 1 < items.length; at += 2) {
    const [oldMode, newMode, , , status] = (items[at] as string).slice(1).split(' ');
    const path = items[at + 1] as string;
    if (status === 'U') unmerged.add(path);
    if (status === 'D') gone.add(path);
    else if (newMode === SUBMODULE && oldMode !== SUBMODULE) covered.push(path);
    else changed.add(path);
  }
  return { changed: [...changed].filter((path) => !gone.has(path)), gone: [...gone], unmerged, covered };
};

/** Files that git does not know and does not ignore. A folder that is another repository ends in a slash. */
export const untrackedFiles = async (git: Git, call: GitCall): Promise<string[]> =>
  itemsOf(await git(['ls-files', '--others', '--exclude-standard', '-z'], call));
