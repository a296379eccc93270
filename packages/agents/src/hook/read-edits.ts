import { lstatSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import type { Edit } from '../happening.ts';
import { touchedLines } from './lines.ts';
import type { LineRange } from './lines.ts';
import { realPath, treeOf } from './place.ts';
import type { Place } from './place.ts';

/** Reading more than this for one hook would cost more than a whole-file reservation does. */
const READ_BYTES_MAX = 8_388_608;
/** Of one tool call; a larger one is a rewrite of the repository, which no reservation of files describes. */
export const FILES_MAX = 500;

/** One file under edit, as the project knows it. */
export interface EditedFile {
  /** Relative to the top of its working tree, with slashes. */
  readonly path: string;
  readonly kind: Edit['kind'];
  readonly lines: readonly LineRange[] | 'whole';
}

export interface Edited {
  readonly files: readonly EditedFile[];
  /** How many more there were than can be told. */
  readonly left: number;
}

/** A file in any worktree of the joined repository, relative to the top of its own. */
const pathIn = (place: Place, path: string): string | undefined => {
  const tree = treeOf(dirname(path));
  if (!tree || !place.project.roots.includes(tree.root)) return undefined;
  const below = relative(tree.top, path);
  if (below === '' || below.startsWith(`..${sep}`) || isAbsolute(below)) return undefined;
  return sep === '/' ? below : below.replaceAll(sep, '/');
};

/** What a regular file says now; undefined where there is none, or none that can be read at once. */
const textOf = (path: string): string | undefined => {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat?.isFile() || stat.size > READ_BYTES_MAX) return undefined;
  return readFileSync(path, 'utf8');
};

/** Which files of the project an edit touches and where; files outside its repository are none of its business. */
export const readEdits = (place: Place, cwd: string, edits: readonly Edit[], wantsLines: boolean): Edited => {
  const files: EditedFile[] = [];
  let left = 0;
  for (const edit of edits) {
    const absolute = realPath(resolve(cwd, edit.path));
    const path = pathIn(place, absolute);
    if (path === undefined || path.startsWith('.git/') || path.startsWith('.act/')) continue;
    if (files.length === FILES_MAX) left++;
    else {
      const lines = wantsLines ? touchedLines(edit, textOf(absolute)) : 'whole';
      if (lines === 'whole' || lines.length > 0) files.push({ path, kind: edit.kind, lines });
    }
  }
  return { files, left };
};
