import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Makes callers share loads of something that is read again and again. Each gets a load that begins after its call,
 * one load runs at a time, and the beginnings of two are at least `everyMs` apart, however many call.
 */
export const shareLoads = (load: () => Promise<void>, everyMs: number): (() => Promise<void>) => {
  let next: Promise<void> | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let beganAt = -Infinity;
  const begin = async (): Promise<void> => {
    await last;
    const waitMs = beganAt + everyMs - performance.now();
    if (waitMs > 0) await sleep(waitMs);
    beganAt = performance.now();
    next = undefined;
    const loading = load();
    last = loading.catch(() => undefined);
    await loading;
  };
  return () => (next ??= begin());
};
