import type { CommandInput, NewEvent, Region } from '@agentmix/act-contract';
import { PATTERN_RESERVATIONS_MAX, RESERVATIONS_MAX, timestampOf } from '@agentmix/act-contract';
import { defined } from '../defined.ts';
import { ownOf } from '../reservations/book.ts';
import type { ReservationState } from '../reservations/book.ts';
import { joinRanges, targetOf } from '../reservations/regions.ts';
import { regionOf, released } from '../reservations/settle.ts';
import { asItIs, blockersOf, waitsThrough } from '../reservations/waits.ts';
import type { ProjectState, SessionState } from '../state.ts';
import { accept, isRefused, isUnknownTask, refuse, sessionOf } from './decision.ts';
import type { Decide, DecisionContext, Refused } from './decision.ts';

/** Renewals within this part of the idle limit are not written down: an edit a second would fill the log. */
const RENEWAL_PART = 10;
const HOLDERS_SHOWN_MAX = 16;

type Request = CommandInput<'reservation.request'>;

/** A region as the session will have it. */
interface Planned extends Region {
  readonly reservationId: string;
  readonly sessionId: string;
  readonly mode: Request['mode'];
  readonly known?: ReservationState | undefined;
}

const sameRanges = (one: Region, other: Region): boolean =>
  JSON.stringify(one.ranges) === JSON.stringify(other.ranges);

/** Whether the session has all of it already. */
const isCovered = ({ known, ...planned }: Planned): boolean =>
  known !== undefined &&
  known.mode === planned.mode &&
  known.baseHash === planned.baseHash &&
  sameRanges(known, planned);

/** One region for each file or pattern: what is asked for, joined with what the session has there. */
const plan = (state: ProjectState, { sessionId, regions, mode }: Request, newId: () => string): Planned[] => {
  const planned = new Map<string, Planned>();
  for (const { ranges, ...asked } of regions) {
    const target = targetOf(asked);
    const known = ownOf(state.reservations, sessionId, asked);
    const before = planned.get(target) ?? known;
    const baseHash = asked.baseHash ?? before?.baseHash;
    planned.set(target, {
      ...asked,
      ...defined({ baseHash, ranges: joinRanges(before ? before.ranges : (ranges ?? []), ranges) }),
      reservationId: known?.id ?? planned.get(target)?.reservationId ?? newId(),
      sessionId,
      mode: known?.mode === 'exclusive' ? 'exclusive' : mode,
      known,
    });
  }
  return [...planned.values()];
};

/** What another agent is told of who stands in its way. Titles are the project’s text: data, no instructions. */
const shown = (state: ProjectState, reservation: ReservationState) => {
  const { agentId, taskId, since, renewedAt, status } = reservation;
  const expires =
    status === 'granted' ? timestampOf(renewedAt + state.settings.reservationIdleMs) : undefined;
  const taskTitle = taskId === undefined ? undefined : state.tasks.get(taskId)?.title;
  return {
    ...regionOf(reservation),
    status,
    agentId,
    ...defined({ taskId, taskTitle, expires }),
    since: timestampOf(since),
  };
};

const reserved = (state: ProjectState, blockers: readonly ReservationState[]): Refused => {
  const [first] = blockers;
  const place = first?.path ?? first?.pattern;
  return refuse('region_reserved', `${first?.agentId} has ${place}`, {
    holders: blockers.slice(0, HOLDERS_SHOWN_MAX).map((one) => shown(state, one)),
    proceed: [
      'edit another region or file',
      'ask again with wait: true and go on when reservation.granted comes',
      'write to the holder with message.send',
      'a coordinator can end it with reservation.force',
    ],
  });
};

const toRegion = ({ known: _known, sessionId: _sessionId, ...region }: Planned) => ({
  ...region,
  ...defined({ baseHash: region.baseHash, ranges: region.ranges }),
});

const queuedOf = (state: ProjectState, sessionId: string): ReservationState[] => [
  ...(state.reservations.queue.get(sessionId)?.values() ?? []),
];

/** Puts the whole request at the end of the queue; the session waits for one request at a time. */
const enqueue = (
  state: ProjectState,
  session: SessionState,
  planned: readonly Planned[],
  told: { taskId?: string | undefined; reason?: string | undefined },
  blockers: readonly ReservationState[],
  newId: () => string,
) => {
  const view = asItIs(state.reservations);
  const waiting = blockers.filter((one) => waitsThrough(view, one.sessionId, session.id));
  if (waiting.length > 0)
    return refuse('reservation_deadlock', `${waiting[0]?.agentId} waits for ${session.agentId}`, {
      holders: waiting.slice(0, HOLDERS_SHOWN_MAX).map((one) => shown(state, one)),
    });
  const before = queuedOf(state, session.id);
  const isSame =
    before.length === planned.length &&
    planned.every((one) => before.some((its) => targetOf(its) === targetOf(one) && sameRanges(its, one)));
  if (isSame) return accept();
  const queued: NewEvent = {
    type: 'reservation.queued',
    agentId: session.agentId,
    data: {
      sessionId: session.id,
      ...defined(told),
      // What the session has already stays its own while it waits for more.
      regions: planned.map((one) => ({
        ...toRegion(one),
        reservationId: one.known ? newId() : one.reservationId,
      })),
      waitsFor: [...new Set(blockers.map(({ agentId }) => agentId))],
    },
  };
  return accept(...released(before, 'replaced', { agentId: session.agentId }), queued);
};

const overLimit = (state: ProjectState, planned: readonly Planned[]): Refused | undefined => {
  const made = planned.filter(({ known }) => known === undefined);
  const patterns = made.filter(({ pattern }) => pattern !== undefined).length;
  const { byId, patterns: known } = state.reservations;
  if (byId.size + made.length > RESERVATIONS_MAX)
    return refuse('limit_reached', `at most ${RESERVATIONS_MAX} reservations`);
  return patterns > 0 && known.size + patterns > PATTERN_RESERVATIONS_MAX
    ? refuse('limit_reached', `at most ${PATTERN_RESERVATIONS_MAX} reserved patterns`)
    : undefined;
};

/** The task that the session holds, where it holds just one. */
const onlyTask = ({ held }: SessionState): string | undefined => (held.size === 1 ? [...held][0] : undefined);

const blocking = (state: ProjectState, planned: readonly Planned[]): ReservationState[] =>
  planned
    .filter((one) => !isCovered(one))
    .flatMap((one) => blockersOf(asItIs(state.reservations), one, Number.MAX_SAFE_INTEGER));

/** Who has, or asked before for, what a request wants. */
export const blockersOfRequest = (state: ProjectState, request: Request): ReservationState[] =>
  blocking(
    state,
    plan(state, request, () => ''),
  );

export const requestReservation: Decide<'reservation.request'> = (state, input, { now, newId }) => {
  const session = sessionOf(state, input.sessionId);
  if (isRefused(session)) return session;
  if (isUnknownTask(state, input.taskId)) return refuse('task_not_found', `no task ${input.taskId}`);
  const planned = plan(state, input, newId);
  const refused = overLimit(state, planned);
  if (refused) return refused;
  const told = { taskId: input.taskId ?? onlyTask(session), reason: input.reason };
  const blockers = blocking(state, planned);
  if (blockers.length > 0)
    return input.wait ? enqueue(state, session, planned, told, blockers, newId) : reserved(state, blockers);
  const lately = now - state.settings.reservationIdleMs / RENEWAL_PART;
  const isKnown = planned.every(
    (one) => isCovered(one) && (one.known?.renewedAt ?? 0) > lately && one.known?.taskId === told.taskId,
  );
  if (isKnown) return accept();
  return accept({
    type: 'reservation.granted',
    agentId: session.agentId,
    data: { sessionId: session.id, ...defined(told), regions: planned.map(toRegion) },
  });
};

export const releaseReservations: Decide<'reservation.release'> = (state, input) => {
  const session = sessionOf(state, input.sessionId);
  if (isRefused(session)) return session;
  const { reservationIds, paths, committed } = input;
  const own = [...(state.reservations.bySession.get(session.id)?.values() ?? [])];
  const isAll = reservationIds === undefined && paths === undefined;
  const ended = own.filter(
    ({ id, path, pattern }) =>
      isAll || reservationIds?.includes(id) || paths?.includes(path ?? pattern ?? ''),
  );
  return accept(...released(ended, committed ? 'committed' : 'released', { agentId: session.agentId }));
};

export const forceReservations: Decide<'reservation.force'> = (state, { reservationIds, reason }) => {
  const found = [...new Set(reservationIds)].map((id) => state.reservations.byId.get(id));
  const ended = found.filter((one) => one !== undefined);
  return ended.length < found.length
    ? refuse('reservation_not_found', 'some of these reservations are over')
    : accept(...released(ended, 'forced', { note: reason }));
};

/** Ends what was not renewed for too long: judged where it is decided, however old the sweeper’s knowledge was. */
export const expireReservations: Decide<'reservation.expire'> = (
  state,
  { reservationIds },
  { now }: DecisionContext,
) => {
  const { reservationIdleMs } = state.settings;
  const idle = [...new Set(reservationIds)]
    .map((id) => state.reservations.byId.get(id))
    .filter((one) => one !== undefined)
    .filter(({ status, renewedAt }) => status === 'granted' && now - renewedAt >= reservationIdleMs);
  return accept(...released(idle, 'idle'));
};
