import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

/** Counts points by key in a window of time; in memory here, in Redis where replicas share what they count. */
export interface RateLimiter {
  /** Takes points; answers how many milliseconds to wait where the window has no more of them. */
  readonly consume: (key: string, points?: number) => Promise<number | undefined>;
  /** The same without taking any. */
  readonly peek: (key: string) => Promise<number | undefined>;
}

const WINDOW_SECONDS = 1;
const NO_LIMIT: RateLimiter = {
  consume: () => Promise.resolve(undefined),
  peek: () => Promise.resolve(undefined),
};

/** So many points a second for each key; 0 is no limit. Keys are forgotten with their window. */
export const makeRateLimiter = (pointsPerSecond: number): RateLimiter => {
  if (pointsPerSecond === 0) return NO_LIMIT;
  const limiter = new RateLimiterMemory({ points: pointsPerSecond, duration: WINDOW_SECONDS });
  return {
    peek: async (key) => {
      const used = await limiter.get(key);
      return used && used.consumedPoints >= pointsPerSecond ? used.msBeforeNext : undefined;
    },
    consume: async (key, points = 1) => {
      try {
        await limiter.consume(key, points);
        return undefined;
      } catch (error) {
        if (error instanceof RateLimiterRes) return error.msBeforeNext;
        throw error;
      }
    },
  };
};
