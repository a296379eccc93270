import { readFileSync } from 'node:fs';

const TICK_MS = 2;
/** Of the main thread: nanoseconds it ran, and nanoseconds it was ready to run but had no processor. */
const SCHEDULE = `/proc/self/task/${process.pid}/schedstat`;

export interface Stalls {
  readonly kind: 'stalls';
  /** The longest time in which nothing else could run, garbage collection and blocking calls included. */
  readonly wallMsMax: number;
  /** The same without the time in which the thread was ready and other processes had the processors. */
  readonly ownMsMax: number;
  /** The longest that the thread itself ran at a stretch. */
  readonly ranMsMax: number;
  /** How many were longer than 50 ms by their own time. */
  readonly over50Ms: number;
}

const readSchedule = (): readonly [ranMs: number, waitedMs: number] => {
  const [ran, waited] = readFileSync(SCHEDULE, 'latin1').split(' ');
  return [Number(ran) / 1e6, Number(waited) / 1e6];
};

/**
 * Watches the event loop from inside, every 2 ms: what a tick comes late is time in which nobody was served. Time
 * that the kernel says the thread spent waiting for a processor is the machine's and is told apart; so are waits for
 * threads that collect garbage, which on a crowded machine have no processor either: they are not in `ranMsMax`.
 */
export const watchStalls = (): (() => Stalls) => {
  let last = performance.now();
  let [lastRan, lastWaited] = readSchedule();
  let [wallMsMax, ownMsMax, ranMsMax, over50Ms] = [0, 0, 0, 0];
  const tick = (): void => {
    const now = performance.now();
    const [ran, waited] = readSchedule();
    const wall = now - last - TICK_MS;
    const own = wall - (waited - lastWaited);
    wallMsMax = Math.max(wallMsMax, wall);
    ownMsMax = Math.max(ownMsMax, own);
    ranMsMax = Math.max(ranMsMax, ran - lastRan);
    if (own > 50) over50Ms++;
    [last, lastRan, lastWaited] = [now, ran, waited];
  };
  setInterval(tick, TICK_MS).unref();
  return () => {
    tick();
    const told: Stalls = { kind: 'stalls', wallMsMax, ownMsMax, ranMsMax, over50Ms };
    [wallMsMax, ownMsMax, ranMsMax, over50Ms] = [0, 0, 0, 0];
    return told;
  };
};
