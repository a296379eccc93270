import type { NewEvent } from '@agentmix/act-contract';
import { STATE_KEYS_MAX } from '@agentmix/act-contract';
import { isCapable } from '../capabilities.ts';
import { defined } from '../defined.ts';
import type { ProjectState } from '../state.ts';
import { accept, isRefused, isUnknownTask, refuse, sessionOf } from './decision.ts';
import type { Decide } from './decision.ts';

const OPEN_REQUESTS_MAX = 1_000;

export const requestAssistance: Decide<'assistance.request'> = (state, input, { newId }) => {
  const session = sessionOf(state, input.sessionId);
  if (isRefused(session)) return session;
  if (isUnknownTask(state, input.taskId)) return refuse('task_not_found', `no task ${input.taskId}`);
  if (state.assistance.size >= OPEN_REQUESTS_MAX)
    return refuse('limit_reached', `at most ${OPEN_REQUESTS_MAX} open requests`);
  const offeredTo = [...state.sessions.values()]
    .map(({ agentId }) => agentId)
    .filter(
      (id) => id !== session.agentId && isCapable(state.agents.get(id)?.capabilities ?? [], input.requires),
    );
  const { question, requires, taskId } = input;
  return accept({
    type: 'assistance.requested',
    agentId: session.agentId,
    data: { requestId: newId(), question, requires, ...defined({ taskId }), offeredTo },
  });
};

const openRequest = (state: ProjectState, requestId: string) =>
  state.assistance.get(requestId) ?? refuse('assistance_not_found', `no open request ${requestId}`);

export const answerAssistance: Decide<'assistance.answer'> = (state, { sessionId, requestId, accepted }) => {
  const session = sessionOf(state, sessionId);
  if (isRefused(session)) return session;
  const request = openRequest(state, requestId);
  return isRefused(request)
    ? request
    : accept({ type: 'assistance.answered', agentId: session.agentId, data: { requestId, accepted } });
};

export const closeAssistance: Decide<'assistance.close'> = (state, { sessionId, requestId }) => {
  const session = sessionOf(state, sessionId);
  if (isRefused(session)) return session;
  const request = openRequest(state, requestId);
  return isRefused(request)
    ? request
    : accept({ type: 'assistance.closed', agentId: session.agentId, data: { requestId } });
};

/** A version is the sequence number of the change: it never repeats, so a key made anew cannot pass for the old one. */
export const putState: Decide<'state.put'> = (state, { key, value, expectedVersion, sessionId }) => {
  const session = sessionId === undefined ? undefined : sessionOf(state, sessionId);
  if (session && isRefused(session)) return session;
  const version = state.liveState.get(key) ?? 0;
  if (expectedVersion !== undefined && expectedVersion !== version)
    return refuse('version_mismatch', undefined, { key, currentVersion: version });
  if (version === 0 && state.liveState.size >= STATE_KEYS_MAX)
    return refuse('limit_reached', `at most ${STATE_KEYS_MAX} keys`);
  return accept({
    type: 'state.updated',
    ...defined({ agentId: session?.agentId }),
    data: { key, version: state.seq + 1, value },
  });
};

export const deleteState: Decide<'state.delete'> = (state, { key, expectedVersion }) => {
  const version = state.liveState.get(key);
  if (version === undefined) return refuse('key_not_found', undefined, { key });
  if (expectedVersion !== undefined && expectedVersion !== version)
    return refuse('version_mismatch', undefined, { key, currentVersion: version });
  return accept({ type: 'state.updated', data: { key, version: state.seq + 1, deleted: true } });
};

export const reportFiles: Decide<'file.report'> = (state, { sessionId, taskId, changes }) => {
  const session = sessionOf(state, sessionId);
  if (isRefused(session)) return session;
  if (isUnknownTask(state, taskId)) return refuse('task_not_found', `no task ${taskId}`);
  const events = changes.map(({ path, kind, checksum }): NewEvent => {
    const data = { path, ...defined({ checksum, taskId }) };
    return { type: `file.${kind}`, agentId: session.agentId, data };
  });
  return accept(...events);
};

export const watchFiles: Decide<'file.watch'> = (state, { sessionId, patterns }) => {
  const session = sessionOf(state, sessionId);
  return isRefused(session)
    ? session
    : accept({ type: 'file.watched', agentId: session.agentId, data: { sessionId, patterns } });
};
