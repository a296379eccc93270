/** Counts points by key in a window of time. Answers at once: a call never waits to be counted (decision 14). */
export interface RateLimiter {
  /** Takes points; answers how many milliseconds to wait where the window has no more of them. */
  readonly consume: (key: string, points?: number) => number | undefined;
  /** The same without taking any. */
  readonly peek: (key: string) => number | undefined;
  /** Points granted here that other hubs have to know of, at most so many keys; each is told once. */
  readonly tell: (keysMax: number) => [key: string, points: number][];
  /** Points that another hub granted. */
  readonly hear: (key: string, points: number) => void;
}

interface Window {
  readonly endsAt: number;
  /** All that was asked for here, and what was granted elsewhere. */
  used: number;
  /** What was granted, here and elsewhere, with what was owed before. */
  granted: number;
  /** Granted here, and not told yet. */
  untold: number;
}

const WINDOW_MS = 1_000;
/** Who makes only this part of the calls allowed is not worth telling of. */
const TOLD_PART = 1 / 32;
/** What others granted beyond the limit is taken off the seconds that follow, of which there are no more than these. */
const OWED_SECONDS_MAX = 8;
const NO_LIMIT: RateLimiter = {
  consume: () => undefined,
  peek: () => undefined,
  tell: () => [],
  hear: () => undefined,
};

/**
 * So many points a second for each key, from its first point on; 0 is no limit. Windows need no timers of their own:
 * two generations are kept, each begun a second or more after the other, so that all in a third one are over.
 * `now`: monotonic milliseconds. `isShared`: several hubs keep one limit, by what they `tell` and `hear`: each grants
 * too much until it hears of the others, and all grant less afterwards, so that it is right on average.
 */
export const makeRateLimiter = (
  pointsPerSecond: number,
  now: () => number = () => performance.now(),
  isShared = false,
): RateLimiter => {
  if (pointsPerSecond === 0) return NO_LIMIT;
  const toldFrom = isShared ? Math.ceil(pointsPerSecond * TOLD_PART) : Number.POSITIVE_INFINITY;
  const grantedMax = (1 + OWED_SECONDS_MAX) * pointsPerSecond;
  const due = new Map<string, Window>();
  let [young, old] = [new Map<string, Window>(), new Map<string, Window>()];
  let turnsAt = now() + WINDOW_MS;

  const owedBy = ({ granted, endsAt }: Window, at: number): number =>
    Math.max(0, granted - pointsPerSecond * (1 + Math.floor((at - endsAt) / WINDOW_MS)));
  const turn = (at: number): void => {
    const forgotten = old;
    [young, old, turnsAt] = [new Map<string, Window>(), young, at + WINDOW_MS];
    // What is due goes on to be due with the next call; where nobody can be told it must not pile up.
    due.clear();
    if (!isShared) return;
    for (const [key, window] of forgotten)
      if (window.granted > pointsPerSecond && !old.has(key) && owedBy(window, at) > 0) young.set(key, window);
  };
  const find = (key: string, at: number): Window | undefined => {
    if (at >= turnsAt) turn(at);
    return young.get(key) ?? old.get(key);
  };
  const open = (key: string, at: number): Window => {
    const known = find(key, at);
    if (known && known.endsAt > at) return known;
    const owed = known ? owedBy(known, at) : 0;
    const untold = Math.min(known?.untold ?? 0, pointsPerSecond);
    const window = { endsAt: at + WINDOW_MS, used: owed, granted: owed, untold };
    young.set(key, window);
    return window;
  };
  return {
    peek: (key) => {
      const at = now();
      const window = find(key, at);
      if (!window) return undefined;
      if (window.endsAt > at) return window.used >= pointsPerSecond ? window.endsAt - at : undefined;
      return owedBy(window, at) >= pointsPerSecond ? WINDOW_MS : undefined;
    },
    consume: (key, points = 1) => {
      const at = now();
      const window = open(key, at);
      window.used += points;
      if (window.used > pointsPerSecond) return window.endsAt - at;
      window.granted += points;
      window.untold += points;
      if (window.untold >= toldFrom) due.set(key, window);
      return undefined;
    },
    tell: (keysMax) => {
      const told: [string, number][] = [];
      for (const [key, window] of due) {
        if (told.length === keysMax) break;
        told.push([key, window.untold]);
        window.untold = 0;
        due.delete(key);
      }
      return told;
    },
    hear: (key, points) => {
      const window = open(key, now());
      window.used += points;
      window.granted = Math.min(window.granted + points, grantedMax);
    },
  };
};
