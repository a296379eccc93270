import type { NewEvent } from '@agentmix/act-contract';
import { defined } from '../defined.ts';
import type { ProjectState } from '../state.ts';
import type { ReservationState } from './book.ts';
import { blockersOf } from './waits.ts';

type EndReason = Extract<NewEvent, { type: 'reservation.released' }>['data']['reason'];

/** The end of some reservations of one session; `agentId` where the holder itself ended them. */
export const released = (
  reservations: readonly ReservationState[],
  reason: EndReason,
  more: { readonly agentId?: string; readonly note?: string } = {},
): NewEvent[] => {
  const { agentId, note } = more;
  const bySession = new Map<string, ReservationState[]>();
  for (const one of reservations)
    bySession.set(one.sessionId, [...(bySession.get(one.sessionId) ?? []), one]);
  return [...bySession.values()].map((own): NewEvent => ({
    type: 'reservation.released',
    ...defined({ agentId }),
    data: {
      reservationIds: own.map(({ id }) => id),
      holder: own[0]?.agentId ?? '',
      reason,
      ...defined({ note }),
    },
  }));
};

export const regionOf = ({ id, path, pattern, ranges, baseHash, mode }: ReservationState) => ({
  reservationId: id,
  ...defined({ path, pattern, ranges, baseHash }),
  mode,
});

const ownOf = (state: ProjectState, sessionId: string | undefined): ReservationState[] =>
  sessionId === undefined ? [] : [...(state.reservations.bySession.get(sessionId)?.values() ?? [])];

/** Reservations live and die with their session, and with the task that they are for. */
const endedBy = (state: ProjectState, event: NewEvent): NewEvent[] => {
  if (event.type === 'agent.disconnected')
    return released(ownOf(state, event.data.sessionId), 'session_over');
  const isOver =
    event.type === 'task.completed' || event.type === 'task.released' || event.type === 'task.cancelled';
  if (!isOver) return [];
  const { taskId } = event.data;
  const own = ownOf(state, state.tasks.get(taskId)?.sessionId);
  return released(
    own.filter((one) => one.taskId === taskId),
    'task_over',
  );
};

/** The queue moves up: who has nobody before it any more gets all that it waits for, at once. */
const grants = ({ reservations: book }: ProjectState, gone: ReadonlySet<string>): NewEvent[] => {
  const granted = new Set<string>();
  const view = { book, gone, granted };
  const events: NewEvent[] = [];
  for (const [sessionId, wanted] of book.queue) {
    const regions = [...wanted.values()].filter(({ id }) => !gone.has(id));
    const [first] = regions;
    const isBlocked = regions.some((one) => blockersOf(view, one, one.epoch).length > 0);
    if (!first || isBlocked) continue;
    const { agentId, taskId, reason } = first;
    const data = { sessionId, ...defined({ taskId, reason }), regions: regions.map(regionOf) };
    events.push({ type: 'reservation.granted', agentId, data });
    for (const { id } of regions) granted.add(id);
  }
  return events;
};

/** What a decision means for reservations: which end with sessions and tasks, and who gets what became free. */
export const settle = (state: ProjectState, events: readonly NewEvent[]): NewEvent[] => {
  if (state.reservations.byId.size === 0) return [];
  const gone = new Set(
    events.flatMap((event) => (event.type === 'reservation.released' ? event.data.reservationIds : [])),
  );
  const ends: NewEvent[] = [];
  for (const end of events.flatMap((event) => endedBy(state, event))) {
    if (end.type !== 'reservation.released') continue;
    const reservationIds = end.data.reservationIds.filter((id) => !gone.has(id));
    for (const id of reservationIds) gone.add(id);
    if (reservationIds.length > 0) ends.push({ ...end, data: { ...end.data, reservationIds } });
  }
  return gone.size === 0 || state.reservations.queue.size === 0 ? ends : [...ends, ...grants(state, gone)];
};
