import fc from 'fast-check';

export interface FuzzSizes {
  readonly count: number;
  readonly seed: number;
  /** So many are under way together. */
  readonly atOnce: number;
}

/** Few of each at a time, `count` in all: what is drawn later may use ids that were found meanwhile. */
export function* drawn<T>(
  arbitraries: readonly fc.Arbitrary<T>[],
  { count, seed }: FuzzSizes,
): Generator<readonly T[]> {
  for (let done = 0, round = 0; done < count; round++) {
    const batch = arbitraries
      .flatMap((one, at) => fc.sample(one, { seed: seed + round * 1_000 + at, numRuns: 4 }))
      .slice(0, count - done);
    done += batch.length;
    yield batch;
  }
}
