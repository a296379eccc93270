import { lstatSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import type { Edit } from '../happening.ts';
import { hunksSinceCommit, inBase } from './base-lines.ts';
import { touchedLines } from './lines.ts';
import type { LineRange } from './lines.ts';
import { realPath, treeOf } from './place.ts';
import type { Place } from './place.ts';

/** Reading more than this for one hook would cost more than a reservation of the whole file does. */
const READ_BYTES_MAX = 8_388_608;
/** As long as a path of the contract may be. */
const PATH_CHARS_MAX = 500;
/** Files of one tool call: regions of one reservation. */
export const FILES_MAX = 256;

/** One file under edit, as the project knows it. */
export interface EditedFile {
  /** Top of the working tree that it is in. */
  readonly top: string;
  /** Relative to the top, with slashes. */
  readonly path: string;
  readonly edit: Edit;
}

export interface EditedFiles {
  readonly files: readonly EditedFile[];
  /** How many more there were than can be told. */
  readonly left: number;
}

/** A file in any worktree of the joined repository, relative to the top of its own. */
const placed = (place: Place, path: string): { top: string; path: string } | undefined => {
  const tree = treeOf(dirname(path));
  if (!tree || !place.project.roots.includes(tree.root)) return undefined;
  const below = relative(tree.top, path);
  if (below === '' || below.startsWith(`..${sep}`) || isAbsolute(below)) return undefined;
  return { top: tree.top, path: sep === '/' ? below : below.replaceAll(sep, '/') };
};

/** The files of the project that a tool edits; those outside its repository are none of its business. */
export const projectFiles = (place: Place, cwd: string, edits: readonly Edit[]): EditedFiles => {
  const files: EditedFile[] = [];
  let left = 0;
  for (const edit of edits) {
    // A tree of 10,000 files is not walked for what cannot be told anyway.
    if (files.length === FILES_MAX) {
      left++;
      continue;
    }
    const found = placed(place, realPath(resolve(cwd, edit.path)));
    if (!found || /^\.(?:git|act)\//.test(found.path)) continue;
    if (found.path.length > PATH_CHARS_MAX) left++;
    else files.push({ ...found, edit });
  }
  return { files, left };
};

/** What a regular file says now; undefined where there is none, or none that can be read at once. */
const textOf = ({ top, path }: EditedFile): string | undefined => {
  const file = resolve(top, path);
  const stat = lstatSync(file, { throwIfNoEntry: false });
  if (!stat?.isFile() || stat.size > READ_BYTES_MAX) return undefined;
  return readFileSync(file, 'utf8');
};

/** A file with the lines of the last commit that its edit touches. */
export interface TouchedFile extends EditedFile {
  readonly lines: readonly LineRange[] | 'whole';
}

/** Where the files are edited, in lines of their last commits; files whose edits change nothing are left out. */
export const touchedFiles = async (files: readonly EditedFile[]): Promise<readonly TouchedFile[]> => {
  const touched = files.map((file) => ({ ...file, lines: touchedLines(file.edit, textOf(file)) }));
  const pathsByTop = new Map<string, string[]>();
  for (const { top, path, lines } of touched)
    if (lines !== 'whole' && lines.length > 0) pathsByTop.set(top, [...(pathsByTop.get(top) ?? []), path]);
  const hunks = new Map(
    await Promise.all(
      [...pathsByTop].map(async ([top, paths]) => [top, await hunksSinceCommit(top, paths)] as const),
    ),
  );
  return touched
    .filter(({ lines }) => lines === 'whole' || lines.length > 0)
    .map(({ lines, ...file }) => {
      const since = hunks.get(file.top)?.get(file.path);
      return {
        ...file,
        lines: lines === 'whole' || !since ? lines : lines.map((range) => inBase(range, since)),
      };
    });
};
