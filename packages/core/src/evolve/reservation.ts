import type { EventData } from '@agentmix/act-contract';
import type { Changes } from '../changes.ts';
import { defined } from '../defined.ts';
import { dropReservation, putReservation } from '../reservations/book.ts';
import type { ProjectState } from '../state.ts';

interface Origin {
  readonly seq: number;
  readonly agentId?: string;
}

const put = (
  state: ProjectState,
  { sessionId, taskId, reason, regions }: Omit<EventData<'reservation.granted'>, never>,
  status: 'granted' | 'queued',
  changes: Changes,
  at: number,
  { seq, agentId = '' }: Origin,
): void => {
  for (const { reservationId: id, ...region } of regions) {
    const known = state.reservations.byId.get(id);
    const isNew = known?.status !== status;
    const reservation = defined({
      id,
      sessionId,
      agentId,
      ...region,
      taskId: taskId ?? known?.taskId,
      reason: reason ?? known?.reason,
      status,
      epoch: isNew ? seq : known.epoch,
      since: isNew ? at : known.since,
      renewedAt: at,
    });
    putReservation(state.reservations, reservation);
    changes.reservations.set(id, reservation);
    changes.endedReservations.delete(id);
  }
};

export const reservationGranted = (
  state: ProjectState,
  data: EventData<'reservation.granted'>,
  changes: Changes,
  at: number,
  event: Origin,
): void => put(state, data, 'granted', changes, at, event);

export const reservationQueued = (
  state: ProjectState,
  data: EventData<'reservation.queued'>,
  changes: Changes,
  at: number,
  event: Origin,
): void => put(state, data, 'queued', changes, at, event);

export const reservationReleased = (
  state: ProjectState,
  { reservationIds }: EventData<'reservation.released'>,
  changes: Changes,
): void => {
  for (const id of reservationIds) {
    if (!dropReservation(state.reservations, id))
      throw new Error(`event about unknown reservation ${id} in project ${state.id}`);
    changes.reservations.delete(id);
    changes.endedReservations.add(id);
  }
};
