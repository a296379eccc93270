import type { ReservationBook, ReservationState } from './book.ts';
import { filesMeet, regionsMeet } from './regions.ts';

/** The book as it will be when a decision is applied: some reservations are gone, some of those queued are granted. */
export interface BookView {
  readonly book: ReservationBook;
  readonly gone: ReadonlySet<string>;
  readonly granted: ReadonlySet<string>;
}

const NONE: ReadonlySet<string> = new Set();
export const asItIs = (book: ReservationBook): BookView => ({ book, gone: NONE, granted: NONE });

export type Wanted = Pick<ReservationState, 'sessionId' | 'path' | 'pattern' | 'ranges' | 'mode'>;

const isHeld = ({ granted }: BookView, { id, status }: ReservationState): boolean =>
  status === 'granted' || granted.has(id);

/** Reservations that may be about the same files; by path the index finds them, a pattern looks at all. */
function* near({ book, gone }: BookView, { path, sessionId }: Wanted): Iterable<ReservationState> {
  const shelves =
    path === undefined
      ? [book.byId.values()]
      : [book.byPath.get(path)?.values() ?? [], book.patterns.values()];
  for (const shelf of shelves)
    for (const one of shelf) if (one.sessionId !== sessionId && !gone.has(one.id)) yield one;
}

/** Reservations of others, granted or queued, that cannot stand beside this region. */
function* rivalsOf(view: BookView, wanted: Wanted): Iterable<ReservationState> {
  for (const one of near(view, wanted)) {
    const isShared = one.mode === 'shared' && wanted.mode === 'shared';
    if (!isShared && regionsMeet(one, wanted)) yield one;
  }
}

/** What others have in the same files. */
export const neighboursOf = (book: ReservationBook, wanted: Wanted): ReservationState[] =>
  [...near(asItIs(book), wanted)].filter((one) => one.status === 'granted' && filesMeet(one, wanted));

/** Whom a session waits for: who has what it wants, and who asked for that before it. */
export const waitsFor = (view: BookView, sessionId: string): Set<string> => {
  const sessions = new Set<string>();
  for (const wanted of view.book.queue.get(sessionId)?.values() ?? []) {
    if (view.gone.has(wanted.id) || view.granted.has(wanted.id)) continue;
    for (const rival of rivalsOf(view, wanted))
      if (isHeld(view, rival) || rival.epoch < wanted.epoch) sessions.add(rival.sessionId);
  }
  return sessions;
};

/** Whether a session waits for another, directly or through others. */
export const waitsThrough = (view: BookView, from: string, to: string): boolean => {
  const seen = new Set([from]);
  for (const one of seen)
    for (const next of waitsFor(view, one)) {
      if (next === to) return true;
      seen.add(next);
    }
  return false;
};

/**
 * Who keeps a session from a region: holders, and those who are queued before `place`. Of the latter not those who
 * wait for this very session: standing behind them it would wait for itself.
 */
export const blockersOf = (view: BookView, wanted: Wanted, place: number): ReservationState[] =>
  [...rivalsOf(view, wanted)].filter(
    (rival) =>
      isHeld(view, rival) || (rival.epoch < place && !waitsThrough(view, rival.sessionId, wanted.sessionId)),
  );
