/** When to look again. Milliseconds. */
export interface PaceLimits {
  /** Quiet time after an event before a look. */
  readonly quietMs: number;
  /** A look happens this long after the first event, even if there are always more. */
  readonly waitMsMax: number;
  /** A look happens at least this often: watchers lose events, and say so rarely. */
  readonly reconcileMs: number;
}

export const PACE: PaceLimits = { quietMs: 100, waitMsMax: 1_000, reconcileMs: 5_000 };

export interface Pace {
  /** Something may have changed. */
  readonly trigger: () => void;
  /** Looks now, or again once the look under way is done; resolves when that is done. */
  readonly lookNow: () => Promise<void>;
  /** No further looks; resolves when the one under way is done. */
  readonly close: () => Promise<void>;
}

/**
 * Calls `look` after events have calmed down, never twice at a time. What comes during a look leads to another one,
 * so that the last look always began after the last event. After a look it rests as long as that took, at most
 * `waitMsMax`, so that looks leave time for the work they look at. `look` must not throw.
 */
export const makePace = (look: () => Promise<void>, limits: PaceLimits = PACE): Pace => {
  let firstEventAt: number | undefined;
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> | undefined;
  let restUntil = 0;
  let isClosed = false;

  const schedule = (): void => {
    clearTimeout(timer);
    if (isClosed || looking) return;
    const now = performance.now();
    const wait =
      firstEventAt === undefined
        ? limits.reconcileMs
        : Math.min(limits.quietMs, firstEventAt + limits.waitMsMax - now);
    timer = setTimeout(() => void run(), Math.max(0, wait, restUntil - now));
  };

  const run = async (): Promise<void> => {
    clearTimeout(timer);
    firstEventAt = undefined;
    const start = performance.now();
    looking = look();
    await looking;
    looking = undefined;
    const now = performance.now();
    restUntil = now + Math.min(now - start, limits.waitMsMax);
    schedule();
  };

  schedule();
  return {
    trigger() {
      firstEventAt ??= performance.now();
      schedule();
    },
    async lookNow() {
      while (looking) await looking;
      if (!isClosed) await run();
    },
    async close() {
      isClosed = true;
      clearTimeout(timer);
      await looking;
    },
  };
};
