import type { Style } from './style.ts';

export interface Segment {
  readonly value: number;
  readonly mark: string;
  readonly paint: (text: string) => string;
}

/** A bar of so many columns; every segment that is not empty gets at least one of them. */
export const bar = (segments: readonly Segment[], columns: number, style: Style): string => {
  const total = segments.reduce((sum, { value }) => sum + value, 0);
  if (total === 0) return style.dim('░'.repeat(columns));
  const shares = segments.map(({ value }) =>
    value === 0 ? 0 : Math.max(1, Math.round((value / total) * columns)),
  );
  // Rounding may miss by a few columns: the largest share absorbs it.
  const excess = shares.reduce((sum, share) => sum + share, 0) - columns;
  const largest = shares.indexOf(Math.max(...shares));
  shares[largest] = Math.max(1, (shares[largest] ?? 0) - excess);
  return segments.map(({ mark, paint }, at) => paint(mark.repeat(shares[at] ?? 0))).join('');
};
