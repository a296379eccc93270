import type { LineRange } from '@agentmix/act-contract';
import { targetOf } from './regions.ts';

/** A region that a session has, or waits for. Times in epoch milliseconds. */
export interface ReservationState {
  readonly id: string;
  readonly sessionId: string;
  readonly agentId: string;
  readonly path?: string | undefined;
  readonly pattern?: string | undefined;
  /** Absent: the whole file. */
  readonly ranges?: LineRange[] | undefined;
  readonly baseHash?: string | undefined;
  readonly mode: 'shared' | 'exclusive';
  readonly taskId?: string | undefined;
  readonly reason?: string | undefined;
  readonly status: 'granted' | 'queued';
  /** Sequence number of its grant, or of its queueing: the queue’s order. */
  readonly epoch: number;
  readonly since: number;
  readonly renewedAt: number;
}

/** Reservations of a project, to be found by file and by session. */
export interface ReservationBook {
  readonly byId: Map<string, ReservationState>;
  /** Those of one file. */
  readonly byPath: Map<string, Map<string, ReservationState>>;
  readonly patterns: Map<string, ReservationState>;
  readonly bySession: Map<string, Map<string, ReservationState>>;
  /** What sessions wait for, in the order of the queue. */
  readonly queue: Map<string, Map<string, ReservationState>>;
}

export const emptyBook = (): ReservationBook => ({
  byId: new Map(),
  byPath: new Map(),
  patterns: new Map(),
  bySession: new Map(),
  queue: new Map(),
});

type Shelf = Map<string, Map<string, ReservationState>>;

const shelve = (shelf: Shelf, key: string, reservation: ReservationState): void => {
  const known = shelf.get(key);
  if (known) known.set(reservation.id, reservation);
  else shelf.set(key, new Map([[reservation.id, reservation]]));
};

const take = (shelf: Shelf, key: string, id: string): void => {
  const known = shelf.get(key);
  if (known?.delete(id) && known.size === 0) shelf.delete(key);
};

/** Takes a reservation out of the book; says whether it was there. */
export const dropReservation = (book: ReservationBook, id: string): boolean => {
  const known = book.byId.get(id);
  if (!known) return false;
  book.byId.delete(id);
  book.patterns.delete(id);
  if (known.path !== undefined) take(book.byPath, known.path, id);
  take(book.bySession, known.sessionId, id);
  take(book.queue, known.sessionId, id);
  return true;
};

/** Puts a reservation in, in the place of the one with its id. */
export const putReservation = (book: ReservationBook, reservation: ReservationState): void => {
  dropReservation(book, reservation.id);
  const { id, path, sessionId, status } = reservation;
  book.byId.set(id, reservation);
  if (path === undefined) book.patterns.set(id, reservation);
  else shelve(book.byPath, path, reservation);
  shelve(book.bySession, sessionId, reservation);
  if (status === 'queued') shelve(book.queue, sessionId, reservation);
};

/** What the session has of a file or pattern. */
export const ownOf = (
  book: ReservationBook,
  sessionId: string,
  region: { path?: string | undefined; pattern?: string | undefined },
): ReservationState | undefined => {
  const shelf = region.path === undefined ? book.patterns : book.byPath.get(region.path);
  for (const one of shelf?.values() ?? [])
    if (one.sessionId === sessionId && one.status === 'granted' && targetOf(one) === targetOf(region))
      return one;
  return undefined;
};
