import { StoreRejected } from '@agentmix/act-core';
import { unavailable } from './batch.ts';
import type { Waiting } from './batch.ts';

/** A command that could not be committed for this long is answered as unavailable. */
const GIVE_UP_MS = 5_000;

/**
 * Answers those commands of a batch, whose outcome is unknown or that the database refused, that are not worth another
 * try; returns the others. `now`: monotonic milliseconds.
 */
export const sortUnresolved = (waiting: readonly Waiting[], error: unknown, now: number): Waiting[] => {
  const isRejected = error instanceof StoreRejected;
  return waiting.filter((one) => {
    const isCulprit = isRejected && waiting.length === 1;
    const isLate = !isRejected && now >= one.queuedAt + GIVE_UP_MS;
    if (isCulprit)
      one.resolve({ ok: false, refusal: { code: 'internal', detail: 'the database refused the data' } });
    if (isLate) one.resolve(unavailable('the database does not answer'));
    if (isRejected) one.solo = true;
    return !isCulprit && !isLate;
  });
};
