/** A seeded source of randomness; the same seed gives the same numbers on every machine. */
export interface Random {
  /** From 0 up to, not including, 1. */
  next(): number;
  /** A whole number from 0 up to, not including, `bound`. */
  below(bound: number): number;
  chance(probability: number): boolean;
  pick<T>(items: readonly [T, ...T[]]): T;
  maybe<T>(items: readonly T[]): T | undefined;
  some<T>(items: readonly T[], max: number): T[];
}

/** mulberry32, started from a mixture of two numbers (constants of MurmurHash3’s finalizer). */
export const makeRandom = (seed: number, stream = 0): Random => {
  let a = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(stream + 0x7f4a7c15, 0xc2b2ae35);
  a ^= a >>> 15;
  const next = (): number => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (bound: number): number => Math.floor(next() * bound);
  const maybe = <T>(items: readonly T[]): T | undefined => items[below(items.length)];
  return {
    next,
    below,
    maybe,
    chance: (probability) => next() < probability,
    pick: (items) => maybe(items) ?? items[0],
    some: <T>(items: readonly T[], max: number): T[] => {
      const count = below(Math.min(max, items.length) + 1);
      return [...new Set(Array.from({ length: count }, () => maybe(items)))].filter(
        (item): item is T => item !== undefined,
      );
    },
  };
};
