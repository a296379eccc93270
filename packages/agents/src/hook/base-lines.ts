import type { LineRange } from './lines.ts';

/** A difference of the working file from the committed one, as numbers of lines; `Before` counts those in front of it. */
export interface Hunk {
  readonly oldBefore: number;
  readonly oldLines: number;
  readonly newBefore: number;
  readonly newLines: number;
}

/** A diff as `parseHunks` reads it, whatever the user's settings. */
export const DIFF_BY_LINES: readonly string[] =
  'diff --no-ext-diff --no-textconv --no-color --no-renames --unified=0 --src-prefix=a/ --dst-prefix=b/'.split(
    ' ',
  );

const HUNK = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/;

/** Of a side without lines git tells the line in front of it, of one with lines its first. */
const side = (start: string, count: string | undefined): readonly [before: number, lines: number] => {
  const lines = Number(count ?? 1);
  return [Number(start) - (lines > 0 ? 1 : 0), lines];
};

/** The path behind `--- a/` or `+++ b/`. */
const pathIn = (line: string): string => line.slice('+++ b/'.length).replace(/\t$/, '');

/** Hunks by path of a `git diff --unified=0`, of a deleted file its old one; a path that git had to quote is left out. */
export const parseHunks = (diff: string): ReadonlyMap<string, readonly Hunk[]> => {
  const hunks = new Map<string, Hunk[]>();
  let path: string | undefined;
  let oldPath: string | undefined;
  for (const line of diff.split('\n')) {
    // Lines of files begin with a sign, too, but stand behind their hunk's header and never with these words.
    if (line.startsWith('diff --git ')) path = oldPath = undefined;
    else if (path === undefined && line.startsWith('--- a/')) oldPath = pathIn(line);
    else if (path === undefined && line.startsWith('+++ ')) {
      path = line.startsWith('+++ b/') ? pathIn(line) : line === '+++ /dev/null' ? oldPath : undefined;
      if (path !== undefined) hunks.set(path, []);
    }
    const [, oldStart, oldCount, newStart, newCount] = HUNK.exec(line) ?? [];
    if (path === undefined || oldStart === undefined || newStart === undefined) continue;
    const [oldBefore, oldLines] = side(oldStart, oldCount);
    const [newBefore, newLines] = side(newStart, newCount);
    hunks.get(path)?.push({ oldBefore, oldLines, newBefore, newLines });
  }
  return hunks;
};

/** How the files differ from the last commit; none where git does not say, and then lines are told as they are. */
export const hunksSinceCommit = async (
  top: string,
  paths: readonly string[],
): Promise<ReadonlyMap<string, readonly Hunk[]>> => {
  // Loaded when needed: at most moments no program is started.
  const { gitText } = await import('./git-text.ts');
  return parseHunks(gitText(top, ['--literal-pathspecs', ...DIFF_BY_LINES, 'HEAD', '--', ...paths]) ?? '');
};

interface Place {
  /** How many committed lines stand before it: at least, and at most. */
  readonly low: number;
  readonly high: number;
  /** In the midst of lines that are not committed, which stand for all that they replaced. */
  readonly isInside: boolean;
}

const placeInBase = (hunks: readonly Hunk[], place: number): Place => {
  let added = 0;
  for (const { oldBefore, oldLines, newBefore, newLines } of hunks) {
    if (place < newBefore || (place === newBefore && newLines > 0)) break;
    const isInside = place < newBefore + newLines;
    // Right where lines were taken out the place is before them as well as behind.
    if (isInside || (newLines === 0 && place === newBefore))
      return { low: oldBefore, high: oldBefore + oldLines, isInside };
    added = newBefore + newLines - oldBefore - oldLines;
  }
  return { low: place - added, high: place - added, isInside: false };
};

/**
 * Lines of the working file in those of the last commit, which reservations are told in: there they do not move while
 * the agent works.
 */
export const inBase = ({ start, lines }: LineRange, hunks: readonly Hunk[]): LineRange => {
  const first = placeInBase(hunks, lines > 0 ? start - 1 : start);
  if (lines === 0) return rangeOf(first.low, first.high);
  const last = placeInBase(hunks, start - 1 + lines);
  return rangeOf(first.isInside ? first.low : first.high, last.isInside ? last.high : last.low);
};

const rangeOf = (before: number, after: number): LineRange => {
  const lines = Math.max(0, after - before);
  return { start: before + (lines > 0 ? 1 : 0), lines };
};
