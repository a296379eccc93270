/** Median with the extremes, so that a table shows how far one figure can be trusted. */
export interface Spread {
  median: number;
  min: number;
  max: number;
}

/** Percentile by linear interpolation between closest ranks; `fraction` in 0..1. Throws on no values. */
export function percentile(values: readonly number[], fraction: number): number {
  if (values.length === 0) throw new RangeError('a percentile of no values');
  const sorted = Float64Array.from(values).toSorted();
  const rank = (sorted.length - 1) * fraction;
  const below = Math.floor(rank);
  const low = sorted[below] ?? 0;
  const high = sorted[Math.ceil(rank)] ?? low;
  return low + (high - low) * (rank - below);
}

/** Middle value; the mean of the two middle values of an even count. Throws on no values. */
export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** Throws on no values. */
export function spread(values: readonly number[]): Spread {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}
