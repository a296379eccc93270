import { compileGlob } from '@agentmix/act-contract';
import type { FramedEvent, ReservedRegion } from '@agentmix/act-contract';
import type { Model, ModelReservation } from './model.ts';
import { insist } from './violation.ts';

type Of<T extends FramedEvent['type']> = Extract<FramedEvent, { type: T }>;

/** Where patterns can be told apart in a simulation. */
const SAMPLES = [...Array.from({ length: 9 }, (_, at) => `src/${at}.ts`), 'docs/a', 'src/a/b'];

const fits = ({ path, pattern }: ReservedRegion, file: string): boolean =>
  path === undefined ? compileGlob(pattern ?? '')(file) : path === file;

/** The gaps between lines that a region takes, one by one; undefined: all. */
const gapsOf = ({ ranges }: ReservedRegion): Set<number> | undefined =>
  ranges &&
  new Set(
    ranges.flatMap(({ start, lines }) =>
      lines === 0 ? [start] : Array.from({ length: lines + 1 }, (_, at) => start - 1 + at),
    ),
  );

/** The rule by its definition: one file for both, and a gap between lines that both take. */
const collide = (one: ModelReservation, other: ModelReservation): boolean => {
  const [a, b] = [one.region, other.region];
  if (one.sessionId === other.sessionId || (a.mode === 'shared' && b.mode === 'shared')) return false;
  const files = [a.path, b.path].flatMap((path) => path ?? []);
  const isOneFile = (files.length > 0 ? files : SAMPLES).some((file) => fits(a, file) && fits(b, file));
  const [gaps, others] = [gapsOf(a), gapsOf(b)];
  return isOneFile && (!gaps || !others || [...gaps].some((gap) => others.has(gap)));
};

const put = (
  model: Model,
  event: Of<'reservation.granted' | 'reservation.queued'>,
  clock: number,
  isQueued: boolean,
): void => {
  const { sessionId, taskId, regions } = event.data;
  const session = model.sessions.get(sessionId);
  insist(session?.isLive === true, () => `${event.type} to session ${sessionId}, which is not live`);
  insist(session?.agentId === event.agentId, () => `${event.type} to ${event.agentId} by another’s session`);
  for (const region of regions) {
    const known = model.reservations.get(region.reservationId);
    const isSame = known !== undefined && known.isQueued === isQueued;
    insist(!isQueued || known === undefined, () => `${region.reservationId} queued twice`);
    insist(
      known === undefined || known.sessionId === sessionId,
      () => `${region.reservationId} changes hands`,
    );
    const place = isSame ? known.place : event.seq;
    const held = { sessionId, region, taskId, isQueued, place, renewedAt: clock };
    for (const other of model.reservations.values())
      insist(
        isQueued || other.isQueued || !collide(held, other),
        () => `${JSON.stringify(region)} granted beside ${JSON.stringify(other.region)}`,
      );
    model.reservations.set(region.reservationId, held);
  }
};

export const reserved = (model: Model, event: Of<'reservation.granted'>, clock: number): void =>
  put(model, event, clock, false);
export const queued = (model: Model, event: Of<'reservation.queued'>, clock: number): void =>
  put(model, event, clock, true);

export const unreserved = (model: Model, { data }: Of<'reservation.released'>, clock: number): void => {
  for (const id of data.reservationIds) {
    const known = model.reservations.get(id);
    insist(known !== undefined && model.reservations.delete(id), () => `${id} ended, but it was none`);
    const idleMs = clock - (known?.renewedAt ?? 0);
    insist(
      data.reason !== 'idle' || idleMs >= model.settings.reservationIdleMs,
      () => `${id} idle after ${idleMs} ms`,
    );
  }
};

/** After each record: nobody dead has anything, nobody waits for nothing, nobody waits for itself. */
export const checkReservations = (model: Model): void => {
  const all = [...model.reservations.values()];
  for (const { sessionId } of all)
    insist(
      model.sessions.get(sessionId)?.isLive === true,
      () => `${sessionId} is dead and has a reservation`,
    );
  const waiting = new Map<string, ModelReservation[]>();
  for (const one of all)
    if (one.isQueued) waiting.set(one.sessionId, [...(waiting.get(one.sessionId) ?? []), one]);
  const holdersOf = (sessionId: string): string[] =>
    (waiting.get(sessionId) ?? []).flatMap((wanted) =>
      all.filter((one) => !one.isQueued && collide(one, wanted)).map((one) => one.sessionId),
    );
  for (const [sessionId, wanted] of waiting) {
    const isFree = wanted.every((one) =>
      all.every((other) => !collide(one, other) || (other.isQueued && other.place > one.place)),
    );
    insist(!isFree, () => `${sessionId} waits, and nobody is before it`);
    const seen = new Set(holdersOf(sessionId));
    for (const other of seen) for (const next of holdersOf(other)) seen.add(next);
    insist(!seen.has(sessionId), () => `${sessionId} waits for itself`);
  }
};

/** When all sessions are over nothing is reserved and nobody waits. */
export const checkNothingReserved = (model: Model): void =>
  insist(model.reservations.size === 0, () => `${model.reservations.size} reservations of nobody`);
