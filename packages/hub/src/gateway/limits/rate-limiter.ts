/** Counts points by key in a window of time. Answers at once: a call never waits to be counted (decision 14). */
export interface RateLimiter {
  /** Takes points; answers how many milliseconds to wait where the window has no more of them. */
  readonly consume: (key: string, points?: number) => number | undefined;
  /** The same without taking any. */
  readonly peek: (key: string) => number | undefined;
}

interface Window {
  readonly endsAt: number;
  used: number;
}

const WINDOW_MS = 1_000;
const NO_LIMIT: RateLimiter = { consume: () => undefined, peek: () => undefined };

/**
 * So many points a second for each key, from its first point on; 0 is no limit. Windows need no timers of their own:
 * two generations are kept, each begun a second or more after the other, so that all in a third one are over.
 * `now`: monotonic milliseconds.
 */
export const makeRateLimiter = (
  pointsPerSecond: number,
  now: () => number = () => performance.now(),
): RateLimiter => {
  if (pointsPerSecond === 0) return NO_LIMIT;
  let [young, old] = [new Map<string, Window>(), new Map<string, Window>()];
  let turnsAt = now() + WINDOW_MS;
  const find = (key: string, at: number): Window | undefined => {
    if (at >= turnsAt) [young, old, turnsAt] = [new Map<string, Window>(), young, at + WINDOW_MS];
    const window = young.get(key) ?? old.get(key);
    return window && window.endsAt > at ? window : undefined;
  };
  return {
    peek: (key) => {
      const at = now();
      const window = find(key, at);
      return window && window.used >= pointsPerSecond ? window.endsAt - at : undefined;
    },
    consume: (key, points = 1) => {
      const at = now();
      const window = find(key, at) ?? { endsAt: at + WINDOW_MS, used: 0 };
      if (window.used === 0) young.set(key, window);
      window.used += points;
      return window.used > pointsPerSecond ? window.endsAt - at : undefined;
    },
  };
};
