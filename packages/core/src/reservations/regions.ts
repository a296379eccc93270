import type { LineRange, Region } from '@agentmix/act-contract';
import { compileGlob, globsMeet } from '@agentmix/act-contract';

/** Gaps between lines: 0 is before the first line, n after line n. */
const firstGap = ({ start, lines }: LineRange): number => (lines === 0 ? start : start - 1);
const lastGap = ({ start, lines }: LineRange): number => (lines === 0 ? start : start - 1 + lines);

/** Whether git would merge edits of both as one: they share a line, or nothing lies between them. */
const touch = (one: LineRange, other: LineRange): boolean =>
  firstGap(one) <= lastGap(other) && firstGap(other) <= lastGap(one);

/** Whether edits of both may collide in lines; without ranges a region is the whole file. */
const linesMeet = (one: Region, other: Region): boolean =>
  one.ranges === undefined ||
  other.ranges === undefined ||
  one.ranges.some((range) => other.ranges?.some((its) => touch(range, its)));

/** Whether both can be about one file. */
export const filesMeet = (one: Region, other: Region): boolean => {
  if (one.path !== undefined && other.path !== undefined) return one.path === other.path;
  if (one.path !== undefined) return compileGlob(other.pattern ?? '')(one.path);
  if (other.path !== undefined) return compileGlob(one.pattern ?? '')(other.path);
  return globsMeet(one.pattern ?? '', other.pattern ?? '');
};

/**
 * Whether edits of both may collide. Lines are compared as they were told, whatever versions of the file they are
 * counted in: docs/decisions/0013-reservations.md says why.
 */
export const regionsMeet = (one: Region, other: Region): boolean =>
  filesMeet(one, other) && linesMeet(one, other);

/** Ranges in order, those that touch joined; undefined, the whole file, takes up everything. */
export const joinRanges = (
  one: readonly LineRange[] | undefined,
  other: readonly LineRange[] | undefined,
): LineRange[] | undefined => {
  if (one === undefined || other === undefined) return undefined;
  const joined: LineRange[] = [];
  for (const range of [...one, ...other].toSorted((a, b) => firstGap(a) - firstGap(b))) {
    const last = joined.at(-1);
    if (!last || !touch(last, range)) joined.push(range);
    else {
      const first = firstGap(last);
      const lines = Math.max(lastGap(last), lastGap(range)) - first;
      joined[joined.length - 1] = { start: lines === 0 ? first : first + 1, lines };
    }
  }
  return joined;
};

/** What a region is about, apart from its lines. */
export const targetOf = ({ path, pattern }: Region): string =>
  path === undefined ? `pattern ${pattern}` : `path ${path}`;
