import type { EventData, EventType, FramedEvent } from '@agentmix/act-contract';
import { epochMsOf } from '@agentmix/act-contract';
import { reorder } from './assignment/assignment-index.ts';
import { defined } from './defined.ts';
import type { Changes } from './changes.ts';
import * as access from './evolve/access.ts';
import { branchAdvanced } from './evolve/branch.ts';
import { disconnected, keysPublished, registered, watched } from './evolve/agent.ts';
import { phaseCompleted, phaseCreated, phaseUpdated } from './evolve/phase.ts';
import { reservationGranted, reservationQueued, reservationReleased } from './evolve/reservation.ts';
import * as task from './evolve/task.ts';
import { worktreeReported } from './evolve/worktree.ts';
import { addTold, dropTold } from './predictions/told.ts';
import type { ProjectState } from './state.ts';

/** Applies the data of one event; the event itself tells its agent and place. */
type Evolve<T extends EventType> = (
  state: ProjectState,
  data: EventData<T>,
  changes: Changes,
  at: number,
  event: { readonly seq: number; readonly agentId?: string },
) => void;

/** Events that live only in the log and in rows of their own. */
const unseen = (): void => undefined;

const changeProject: Evolve<'project.created' | 'project.updated'> = (
  state,
  { settings, ...patch },
  changes,
  at,
) => {
  const policy = state.settings.policy;
  Object.assign(state, defined(patch));
  state.settings = { ...state.settings, ...defined(settings ?? {}) };
  state.updatedAt = at;
  changes.project = true;
  if (state.settings.policy !== policy) reorder(state);
};

const evolvers: { readonly [T in EventType]: Evolve<T> } = {
  'project.created': (state, data, changes, at, event) => {
    state.createdAt = at;
    changeProject(state, data, changes, at, event);
  },
  'project.updated': changeProject,
  'project.milestone': unseen,
  'member.changed': (state, data, changes, at) => access.memberChanged(state, data, at, changes),
  'member.removed': (state, { memberId }, changes) => access.memberRemoved(state, memberId, changes),
  'key.created': (state, data, changes, at) => access.keyCreated(state, data, at, changes),
  'key.expiring': (state, data, changes) => access.keyExpiring(state, data, changes),
  'key.revoked': (state, { keyId }, changes) => access.keyRevoked(state, keyId, changes),
  'privacy.erased': (_state, { memberId }, changes) => {
    changes.erased.add(memberId);
  },
  'access.refused': unseen,
  'phase.created': (state, data, changes, at, { seq }) => phaseCreated(state, data, seq, at, changes),
  'phase.updated': (state, data, changes) => phaseUpdated(state, data, changes),
  'phase.completed': (state, data, changes, at) => phaseCompleted(state, data, at, changes),
  'agent.registered': (state, data, changes, at, { agentId = '' }) =>
    registered(state, data, agentId, at, changes),
  'agent.disconnected': (state, data, changes, _at, { agentId = '' }) =>
    disconnected(state, data, agentId, changes),
  'agent.keys_published': (state, data, changes, _at, event) => keysPublished(state, data, event, changes),
  'task.created': (state, data, changes, at, { seq }) => task.created(state, data, seq, at, changes),
  'task.updated': (state, data, changes) => task.updated(state, data, changes),
  'task.ready': (state, { taskId }, changes) => task.setStatus(state, taskId, 'ready', changes),
  'task.pending': (state, { taskId }, changes) => task.setStatus(state, taskId, 'pending', changes),
  'task.claimed': (state, data, changes, at, { agentId = '' }) =>
    task.claimed(state, data, agentId, at, changes),
  'task.progress': (state, data, changes, at) => task.progressed(state, data, at, changes),
  'task.silent': (state, data, changes, at) => task.asked(state, data, at, changes),
  'task.completed': (state, data, changes, at) => task.completed(state, data, at, changes),
  'task.released': (state, data, changes) => task.released(state, data, changes),
  'task.failed': (state, data, changes) => task.failed(state, data, changes),
  'task.blocked': (state, data, changes, _at, { agentId }) => task.blocked(state, data, agentId, changes),
  'task.unblocked': (state, { taskId }, changes) => task.unblocked(state, taskId, changes),
  'task.cancelled': (state, { taskId }, changes, at) => task.cancelled(state, taskId, at, changes),
  'task.retried': (state, { taskId }, changes) => task.retried(state, taskId, changes),
  'task.settled': (state, { taskId, ...settled }, changes) => task.flagged(state, taskId, settled, changes),
  'task.confirmed': (state, { taskId }, changes) => task.flagged(state, taskId, undefined, changes),
  'dependency.added': (state, data, changes) => task.dependencyAdded(state, data, changes),
  'dependency.removed': (state, data, changes) => task.dependencyRemoved(state, data, changes),
  'message.sent': unseen,
  'message.read': unseen,
  'update.broadcast': unseen,
  'assistance.requested': (state, { requestId, offeredTo }, _changes, _at, { agentId = '' }) => {
    state.assistance.set(requestId, { id: requestId, agentId, offeredTo });
  },
  'assistance.answered': (state, { requestId, accepted }) => {
    if (accepted) state.assistance.delete(requestId);
  },
  'assistance.closed': (state, { requestId }) => {
    state.assistance.delete(requestId);
  },
  'state.updated': (state, { key, version, deleted }) => {
    if (deleted) state.liveState.delete(key);
    else state.liveState.set(key, version);
  },
  'file.created': unseen,
  'file.modified': unseen,
  'file.deleted': unseen,
  'file.watched': (state, data, changes) => watched(state, data, changes),
  'reservation.granted': reservationGranted,
  'reservation.queued': reservationQueued,
  'reservation.released': reservationReleased,
  'worktree.reported': worktreeReported,
  'conflict.predicted': ({ told }, conflict) => addTold(told, conflict),
  'conflict.withdrawn': ({ told }, cause) => dropTold(told, cause),
  'artifact.stored': (state, { artifactId, ...told }, _changes, _at, { agentId }) => {
    state.artifacts.set(artifactId, defined({ id: artifactId, ...told, agentId }));
  },
  'artifact.deleted': (state, { artifactId }) => {
    state.artifacts.delete(artifactId);
  },
  'branch.advanced': branchAdvanced,
  'conflict.detected': (state, { conflictId: id, conflictType: type, involvedAgents, taskIds, place }) => {
    state.conflicts.set(id, { id, type, agents: involvedAgents, taskIds, ...defined({ place }) });
  },
  'conflict.escalated': (state, { conflictId, deadline, ...question }) => {
    const conflict = state.conflicts.get(conflictId);
    if (!conflict) throw new Error(`event about unknown conflict ${conflictId} in project ${state.id}`);
    state.conflicts.set(conflictId, { ...conflict, question, deadline: epochMsOf(deadline) });
  },
  'conflict.resolved': (state, { conflictId }) => {
    state.conflicts.delete(conflictId);
  },
};

/**
 * Applies one event to the state, in place, and notes in `changes` which rows it touched. `at` is the record’s
 * time in epoch milliseconds. Throws when the event does not follow from the state: then the log is broken.
 */
export const evolve = (state: ProjectState, event: FramedEvent, at: number, changes: Changes): void => {
  if (event.seq !== state.seq + 1)
    throw new Error(`event ${event.seq} after ${state.seq} in project ${state.id}`);
  state.seq = event.seq;
  changes.events.push(event);
  // The table pairs every type with its own data; TypeScript cannot follow that pairing through an index.
  const apply = evolvers[event.type] as Evolve<EventType>;
  apply(state, event.data, changes, at, event);
};
