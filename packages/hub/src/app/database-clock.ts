/**
 * The database’s clock without asking it each time: anchored at every answer that carries its time, and carried on
 * by this process’s monotonic clock. A hub whose wall clock is wrong decides with the right time all the same.
 */
export interface DatabaseClock {
  readonly now: () => number;
  readonly anchor: (databaseMs: number) => void;
}

export const makeDatabaseClock = (monotonicMs: () => number = () => performance.now()): DatabaseClock => {
  let offset = Date.now() - monotonicMs();
  return {
    now: () => Math.floor(monotonicMs() + offset),
    anchor: (databaseMs) => {
      offset = databaseMs - monotonicMs();
    },
  };
};
