/** Lines of a base text: `length` lines from line `start` on (the first is 1), or the gap after line `start` where `length` is 0. */
export interface LineRange {
  readonly start: number;
  readonly length: number;
}

/** Positions between lines: 0 is before the first line, n after line n. An insertion begins and ends in one gap. */
export const firstGap = ({ start, length }: LineRange): number => (length === 0 ? start : start - 1);
export const lastGap = ({ start, length }: LineRange): number => (length === 0 ? start : start - 1 + length);

/**
 * Whether git would merge changes of these two ranges as one region: they share a line, or nothing lies between
 * them. Neighbours count, because git needs an unchanged line between two changes to keep them apart: a test for
 * shared lines alone misses a third of the branches that do conflict, and wider margins only add false alarms.
 */
export const touch = (one: LineRange, other: LineRange): boolean =>
  firstGap(one) <= lastGap(other) && firstGap(other) <= lastGap(one);

const inOrder = <T extends LineRange>(ranges: readonly T[]): T[] =>
  ranges.toSorted((a, b) => firstGap(a) - firstGap(b) || lastGap(a) - lastGap(b));

/** Whether any range of one list touches any of the other: n log n, whatever their order. */
export const touches = (ones: readonly LineRange[], others: readonly LineRange[]): boolean => {
  const left = inOrder(ones);
  const right = inOrder(others);
  for (let l = 0, r = 0; ;) {
    const one = left[l];
    const other = right[r];
    if (!one || !other) return false;
    if (touch(one, other)) return true;
    if (lastGap(one) < lastGap(other)) l++;
    else r++;
  }
};
