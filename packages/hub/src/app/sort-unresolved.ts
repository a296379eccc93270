import { StoreRejected } from '@agentmix/act-core';
import { unavailable } from './batch.ts';
import type { Waiting } from './batch.ts';
import { GIVE_UP_MS } from './give-up.ts';

const PAUSE_MS_MIN = 10;
const PAUSE_MS_MAX = 500;

/** How long a database that failed so often, one time after another, is left in peace. */
export const pauseMsAfter = (failures: number): number =>
  Math.min(PAUSE_MS_MAX, PAUSE_MS_MIN * 2 ** failures);

/** Answers those of a refused batch that are to blame; the others are tried one by one. */
const sortRefused = (waiting: readonly Waiting[]): readonly Waiting[] => {
  for (const one of waiting) {
    one.solo = true;
    if (waiting.length === 1)
      one.resolve({ ok: false, refusal: { code: 'internal', detail: 'the database refused the data' } });
  }
  return waiting.length === 1 ? [] : waiting;
};

/**
 * Answers those commands of a batch, whose outcome is unknown or that the database refused, that are not worth another
 * try, and those behind them that have waited too long: reading the state anew may take as long again. Returns all that
 * go on waiting. `now`: monotonic milliseconds.
 */
export const sortUnresolved = (
  waiting: readonly Waiting[],
  behind: readonly Waiting[],
  error: unknown,
  now: number,
): Waiting[] => {
  if (error instanceof StoreRejected) return [...sortRefused(waiting), ...behind];
  return [...waiting, ...behind].filter((one) => {
    const isLate = now >= one.queuedAt + GIVE_UP_MS;
    if (isLate) one.resolve(unavailable('the database does not answer'));
    return !isLate;
  });
};
