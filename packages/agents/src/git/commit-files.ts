import { DIFF_BY_LINES, parseHunks } from '../hook/base-lines.ts';
import { gitText } from '../hook/git-text.ts';
import type { LineRange } from '../hook/lines.ts';

/** A file that is about to be committed, with the lines of the last commit that it changes; none where git tells none. */
export interface StagedFile {
  readonly path: string;
  readonly lines: readonly LineRange[];
}

const NAMES = ['--name-only', '-z', '--no-renames', '--no-ext-diff'];

const namesIn = (text: string): string[] => text.split('\0').filter((name) => name.trim() !== '');

const HAS_COMMITS = ['rev-parse', '--verify', '--quiet', 'HEAD'];

/** What a commit would change. Throws where git does not say; nothing before the first commit. */
export const stagedFiles = (top: string): readonly StagedFile[] => {
  if (gitText(top, HAS_COMMITS) === undefined) return [];
  const names = gitText(top, ['diff', '--cached', ...NAMES, 'HEAD']);
  const diff = gitText(top, [...DIFF_BY_LINES, '--cached', 'HEAD']);
  if (names === undefined || diff === undefined) throw new Error('git does not say what would be committed');
  const hunks = parseHunks(diff);
  return namesIn(names).map((path) => ({
    path,
    lines: (hunks.get(path) ?? []).map(({ oldBefore, oldLines }) => ({
      start: oldBefore + (oldLines > 0 ? 1 : 0),
      lines: oldLines,
    })),
  }));
};

/** Files of the last commit in which nothing is left to commit. Throws where git does not say. */
export const committedFiles = (top: string): readonly string[] => {
  // Of a merge what it changes on the branch it was made on.
  const log = ['-c', 'log.showRoot=true', 'log', '-1', '-m', '--first-parent', '--format=', ...NAMES, 'HEAD'];
  const committed = gitText(top, log);
  const left = gitText(top, ['diff', ...NAMES, 'HEAD']);
  if (committed === undefined || left === undefined) throw new Error('git does not say what was committed');
  const unfinished = new Set(namesIn(left));
  return namesIn(committed).filter((path) => !unfinished.has(path));
};
