import { CONTENTION_MS, CONTENTION_WAIT_MS } from '@agentmix/act-contract';
import type { NewEvent, Refusal } from '@agentmix/act-contract';
import type { LaneCommand } from '../decide.ts';
import type { DecisionContext } from '../decide/decision.ts';
import { blockersOfRequest } from '../decide/reservation.ts';
import type { ReservationState } from '../reservations/book.ts';
import { asItIs, blockersOf } from '../reservations/waits.ts';
import type { ProjectState, SessionState } from '../state.ts';
import { OPEN_CONFLICTS_MAX, raise } from './detect.ts';
import { isContended, noteRefusal } from './refusals.ts';
import type { Refusals } from './refusals.ts';

const placeOf = ({ path, pattern }: ReservationState): string => path ?? pattern ?? '';

const isHeld = ({ status }: ReservationState): boolean => status === 'granted';

/**
 * What keeps a session from a region that it has been waiting for too long, and since when it does: one after another,
 * each for a short time, is no contention.
 */
export const longAwaited = (
  { reservations: book }: ProjectState,
  sessionId: string,
  now: number,
): { readonly held: ReservationState; readonly since: number } | undefined => {
  for (const wanted of book.queue.get(sessionId)?.values() ?? []) {
    if (now - wanted.since < CONTENTION_WAIT_MS) continue;
    for (const held of blockersOf(asItIs(book), wanted, wanted.epoch).filter(isHeld)) {
      const since = Math.max(wanted.since, held.since);
      if (now - since >= CONTENTION_WAIT_MS) return { held, since };
    }
  }
  return undefined;
};

/**
 * Notes what a command was refused beside the state. Where it was the same region of the same holder one time too many,
 * this is the command that raises the contention.
 */
export const hearRefusal = (
  refusals: Refusals,
  state: ProjectState,
  { id, command }: { readonly id: string; readonly command: LaneCommand },
  refusal: Refusal,
  now: number,
): LaneCommand | undefined => {
  if (command.name !== 'reservation.request' || refusal.code !== 'region_reserved') return undefined;
  const { sessionId } = command.input;
  const agentId = state.sessions.get(sessionId)?.agentId ?? '';
  const tooOften = blockersOfRequest(state, command.input)
    .filter(isHeld)
    .filter((held) =>
      noteRefusal(refusals, { agents: [agentId, held.agentId], place: placeOf(held), commandId: id }, now),
    );
  const [held] = tooOften;
  return held && { name: 'conflict.contend', input: { wantedBy: sessionId, reservationId: held.id } };
};

/**
 * The contention of a session with who has what it wants; nothing while one about it is open, or was raised within ten
 * minutes or since it waits.
 */
export const contention = (
  state: ProjectState,
  session: SessionState,
  { held, since }: { readonly held: ReservationState; readonly since: number },
  words: string,
  context: Pick<DecisionContext, 'now' | 'newId' | 'talk'>,
): NewEvent[] => {
  const agents = [held.agentId, session.agentId];
  const place = placeOf(held);
  const description = `${session.agentId} ${words} ${place}, which ${held.agentId} has`;
  const lately = Math.min(since, context.now - CONTENTION_MS);
  const isKnown = isContended(state.conflicts.values(), context.talk, agents, place, lately);
  if (isKnown || state.conflicts.size >= OPEN_CONFLICTS_MAX) return [];
  const own = session.held.size === 1 ? [...session.held] : [];
  const taskIds = [...new Set([...(held.taskId === undefined ? [] : [held.taskId]), ...own])];
  return raise(state, { type: 'resource_contention', agents, taskIds, place }, description, context);
};
