import { setImmediate as nextTurn } from 'node:timers/promises';

/** Waits until there is time to begin in this turn of the event loop. */
export type TakeTurn = () => Promise<void>;

/**
 * Divides what many callers ask for at once among turns of the event loop: what begins in one has taken less than
 * `sliceMs` so far, so that everybody else is served between them. A document that nobody has sent before takes
 * milliseconds to read and judge; sixteen that come together would hold up the hub for all of theirs.
 */
export const makeTurns = (sliceMs: number): TakeTurn => {
  let began: number | undefined;
  const hasTime = (): boolean => {
    const now = performance.now();
    if (began === undefined) {
      began = now;
      // The first one may come at the end of this very turn, before anybody else was served.
      setImmediate(() => setImmediate(() => (began = undefined)));
    }
    return now - began < sliceMs;
  };
  const wait = async (): Promise<void> => {
    while (!hasTime()) await nextTurn();
  };
  // One behind another: whoever is next looks at the time when the one before has begun.
  let last = Promise.resolve();
  return () => (last = last.then(wait));
};
