import { itemsOf } from '../git/git.ts';
import type { Git, GitCall } from '../git/git.ts';
import { isTextPath, shownPath } from '../git/update-index.ts';
import type { FileChange } from './file-change.ts';
import { HunkReader } from './hunk-reader.ts';
import type { FileHunks } from './hunk-reader.ts';
import { parseRaw } from './parse-raw.ts';
import type { RawChange } from './parse-raw.ts';

/** Files created and deleted beyond which git does not look for moved ones: it compares each with each. */
const MOVES_MAX = 400;
const COMMON = ['-r', '--no-ext-diff', '--no-textconv', '--no-color', '--full-index', `-l${MOVES_MAX}`];
/** As git’s merge compares: its lines are ours. The heuristic for indents is for readers and moves hunks. */
const PATCH = ['-p', '-U0', '--inter-hunk-context=0', '--diff-algorithm=histogram', '--no-indent-heuristic'];

const isFile = (mode: string): boolean => mode.startsWith('100');
const isNothing = (mode: string): boolean => /^0+$/.test(mode);
const hasLines = ({ oldMode, newMode }: RawChange): boolean =>
  [oldMode, newMode].every((mode) => isFile(mode) || isNothing(mode));

const statusOf = ({ status }: RawChange): FileChange['status'] => {
  if (status === 'A') return 'created';
  return status === 'D' ? 'deleted' : 'modified';
};

const toChange = (raw: RawChange, hunks: FileHunks): FileChange => ({
  path: shownPath(raw.path),
  status: statusOf(raw),
  ...(raw.movedTo === undefined ? {} : { movedTo: shownPath(raw.movedTo) }),
  ...(raw.status === 'A' ? {} : { baseChecksum: raw.oldId }),
  ...(raw.status === 'D' ? {} : { checksum: raw.newId }),
  ...(hunks === undefined || raw.status === 'D' ? {} : { hunks }),
});

/** Where each change begins in the patch: one whose kind changed, such as a file to a link, is there twice. */
const hunksOf = (changes: readonly RawChange[], patches: readonly FileHunks[]): FileHunks[] => {
  let at = 0;
  return changes.map((change) => {
    const hunks = hasLines(change) ? patches[at] : undefined;
    at += change.status === 'T' ? 2 : 1;
    return hunks;
  });
};

const isNamed = ({ path, movedTo }: RawChange): boolean =>
  isTextPath(path) && (movedTo === undefined || isTextPath(movedTo));

/** The files that differ between two trees or commits, by path, without their hunks. Throws GitFailed. */
export const readFileList = async (
  git: Git,
  call: GitCall,
  from: string,
  to: string,
): Promise<FileChange[]> =>
  parseRaw(itemsOf(await git(['diff-tree', ...COMMON, '--no-renames', '--raw', '-z', from, to], call)))
    .filter(isNamed)
    .map((raw) => toChange(raw, undefined));

/**
 * The files that differ between two trees or commits, with their hunks in lines of the first. A path that is not
 * UTF-8 is left out: it has no name on the wire. Throws GitFailed.
 */
export const readChanges = async (
  git: Git,
  call: GitCall,
  from: string,
  to: string,
): Promise<FileChange[]> => {
  const changes = parseRaw(itemsOf(await git(['diff-tree', ...COMMON, '-M', '--raw', '-z', from, to], call)));
  const reader = new HunkReader();
  const onOutput = (piece: Buffer): void => reader.push(piece);
  await git(['diff-tree', ...COMMON, '-M', ...PATCH, from, to], { ...call, onOutput });
  const hunks = hunksOf(changes, reader.end());
  return changes.flatMap((raw, at) => (isNamed(raw) ? [toChange(raw, hunks[at])] : []));
};
