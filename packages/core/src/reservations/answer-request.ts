import type { CommandInput, CommandOutput, FramedEvent } from '@agentmix/act-contract';
import type { ProjectState } from '../state.ts';
import type { ReservationState } from './book.ts';
import { targetOf } from './regions.ts';
import { regionOf } from './settle.ts';
import { neighboursOf } from './waits.ts';

const NEIGHBOURS_SHOWN_MAX = 64;

type Output = CommandOutput<'reservation.request'>;

/** The regions that an event granted or queued, with the epoch that they have in the state, or got by the event. */
const told = (
  events: readonly FramedEvent[],
  state: ProjectState,
): Omit<Output, 'idleMs' | 'others'> | undefined => {
  for (const event of events) {
    if (event.type !== 'reservation.granted' && event.type !== 'reservation.queued') continue;
    const reservations = event.data.regions.map((region) => ({
      ...region,
      epoch: state.reservations.byId.get(region.reservationId)?.epoch ?? event.seq,
    }));
    return { status: event.type === 'reservation.granted' ? 'granted' : 'queued', reservations };
  }
  return undefined;
};

/** What the session has, or waits for, of the files it asked for: nothing had to be written. */
const asBefore = (state: ProjectState, { sessionId, regions }: CommandInput<'reservation.request'>) => {
  const wanted = new Set(regions.map(targetOf));
  const own = [...(state.reservations.bySession.get(sessionId)?.values() ?? [])].filter((one) =>
    wanted.has(targetOf(one)),
  );
  const queued = own.filter((one) => one.status === 'queued');
  const status = queued.length > 0 ? ('queued' as const) : ('granted' as const);
  const shown = queued.length > 0 ? queued : own;
  return { status, reservations: shown.map((one) => ({ ...regionOf(one), epoch: one.epoch })) };
};

const othersOf = (state: ProjectState, { sessionId, regions }: CommandInput<'reservation.request'>) => {
  const others = new Map<string, ReservationState>();
  for (const { path, pattern } of regions)
    for (const one of neighboursOf(state.reservations, { sessionId, path, pattern, mode: 'exclusive' }))
      others.set(one.id, one);
  return [...others.values()]
    .slice(0, NEIGHBOURS_SHOWN_MAX)
    .map((one) => ({ ...regionOf(one), agentId: one.agentId }));
};

/** What reservation.request answers. */
export const answerRequest = (
  events: readonly FramedEvent[],
  input: CommandInput<'reservation.request'>,
  state: ProjectState,
): Output => ({
  ...(told(events, state) ?? asBefore(state, input)),
  idleMs: state.settings.reservationIdleMs,
  others: othersOf(state, input),
});

/** How many reservations a command ended. */
export const countReleased = (events: readonly FramedEvent[]): { released: number } => ({
  released: events.reduce(
    (sum, event) => sum + (event.type === 'reservation.released' ? event.data.reservationIds.length : 0),
    0,
  ),
});
