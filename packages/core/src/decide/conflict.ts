import { OPEN_CONFLICTS_MAX, raise } from '../conflict/detect.ts';
import { resolved } from '../conflict/settle-conflicts.ts';
import { contention, longAwaited } from '../conflict/contention.ts';
import { accept, isRefused, isUnknownTask, refuse, sessionOf } from './decision.ts';
import type { Decide } from './decision.ts';

export const reportConflict: Decide<'conflict.report'> = (state, input, context) => {
  const agent = input.involvedAgents.find((id) => !state.agents.has(id));
  if (agent !== undefined) return refuse('agent_not_found', `no agent ${agent}`);
  const task = input.taskIds.find((id) => isUnknownTask(state, id));
  if (task !== undefined) return refuse('task_not_found', `no task ${task}`);
  if (state.conflicts.size >= OPEN_CONFLICTS_MAX)
    return refuse('limit_reached', `at most ${OPEN_CONFLICTS_MAX} open conflicts`);
  const { conflictType: type, involvedAgents: agents, taskIds, description } = input;
  return accept(...raise(state, { type, agents, taskIds }, description, context));
};

export const resolveConflict: Decide<'conflict.resolve'> = (state, { conflictId, resolution, choose }) => {
  const conflict = state.conflicts.get(conflictId);
  if (!conflict) return refuse('conflict_not_found', `no open conflict ${conflictId}`);
  if (choose === undefined)
    return accept({ type: 'conflict.resolved', data: { conflictId, resolution: resolution ?? null } });
  const option = conflict.question?.options.find(({ id }) => id === choose);
  return option
    ? accept(...resolved(state, conflict, { choice: choose, reason: option.summary }, 'person'))
    : refuse('option_not_found', `${choose} is none of the options`, {
        options: conflict.question?.options.map(({ id }) => id) ?? [],
      });
};

/** Nobody answered in time: what hurts nobody is done. */
export const expireConflict: Decide<'conflict.expire'> = (state, { conflictId }, { now }) => {
  const conflict = state.conflicts.get(conflictId);
  if (!conflict) return refuse('conflict_not_found', `no open conflict ${conflictId}`);
  const { question, deadline } = conflict;
  if (!question || deadline === undefined || now < deadline) return accept();
  const reason = 'nobody answered before the deadline';
  return accept(...resolved(state, conflict, { choice: question.safeDefault, reason }, 'deadline'));
};

/** What the refusals or the wait of a session have come to; it may all be over by now. */
export const contend: Decide<'conflict.contend'> = (state, { wantedBy, reservationId }, context) => {
  const session = sessionOf(state, wantedBy);
  if (isRefused(session)) return session;
  if (reservationId === undefined) {
    const awaited = longAwaited(state, wantedBy, context.now);
    return awaited ? accept(...contention(state, session, awaited, 'waits too long for', context)) : accept();
  }
  const held = state.reservations.byId.get(reservationId);
  if (held?.status !== 'granted' || held.sessionId === wantedBy) return accept();
  const wanted = { held, since: context.now };
  return accept(...contention(state, session, wanted, 'wants again and again', context));
};
