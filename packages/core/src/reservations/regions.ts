import type { LineRange, Region } from '@agentmix/act-contract';
import { compileGlob, globsMeet } from '@agentmix/act-contract';
import { firstGap, lastGap, touch, touches } from '../file-range/touches.ts';
import type { LineRange as BaseRange } from '../file-range/touches.ts';

const ofBase = ({ start, lines }: LineRange): BaseRange => ({ start, length: lines });

/** Whether edits of both may collide in lines; without ranges a region is the whole file. */
const linesMeet = (one: Region, other: Region): boolean =>
  one.ranges === undefined ||
  other.ranges === undefined ||
  touches(one.ranges.map(ofBase), other.ranges.map(ofBase));

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
  const inOrder = [...one, ...other].toSorted((a, b) => firstGap(ofBase(a)) - firstGap(ofBase(b)));
  for (const range of inOrder) {
    const last = joined.at(-1);
    if (!last || !touch(ofBase(last), ofBase(range))) joined.push(range);
    else {
      const first = firstGap(ofBase(last));
      const lines = Math.max(lastGap(ofBase(last)), lastGap(ofBase(range))) - first;
      joined[joined.length - 1] = { start: lines === 0 ? first : first + 1, lines };
    }
  }
  return joined;
};

/** What a region is about, apart from its lines. */
export const targetOf = ({ path, pattern }: Region): string =>
  path === undefined ? `pattern ${pattern}` : `path ${path}`;
