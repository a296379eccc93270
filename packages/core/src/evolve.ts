import type { FramedEvent } from '@agentmix/act-contract';
import { propagate, reorder } from './assignment/assignment-index.ts';
import type { Changes } from './changes.ts';
import { disconnected, registered, watched } from './evolve/agent.ts';
import { phaseCompleted, phaseCreated, phaseUpdated } from './evolve/phase.ts';
import * as task from './evolve/task.ts';
import type { ProjectState } from './state.ts';

const HUB = '';

/**
 * Applies one event to the state, in place, and notes in `changes` which rows it touched. `at` is the record’s
 * time in epoch milliseconds. Throws when the event does not follow from the state: then the log is broken.
 */
export const evolve = (state: ProjectState, event: FramedEvent, at: number, changes: Changes): void => {
  if (event.seq !== state.seq + 1)
    throw new Error(`event ${event.seq} after ${state.seq} in project ${state.id}`);
  state.seq = event.seq;
  changes.events.push(event);
  apply(state, event, at, changes);
};

const apply = (state: ProjectState, event: FramedEvent, at: number, changes: Changes): void => {
  const agentId = event.agentId ?? HUB;
  switch (event.type) {
    case 'project.created':
    case 'project.updated':
      return applyProject(state, event, at, changes);
    case 'phase.created':
      return phaseCreated(state, event.data, event.seq, at, changes);
    case 'phase.updated':
      return phaseUpdated(state, event.data, changes);
    case 'phase.completed':
      return phaseCompleted(state, event.data, at, changes);
    case 'agent.registered':
      return registered(state, event.data, agentId, at, changes);
    case 'agent.disconnected':
      return disconnected(state, event.data, agentId, changes);
    case 'file.watched':
      return watched(state, event.data, changes);
    case 'task.created':
      return task.created(state, event.data, event.seq, at, changes);
    case 'task.updated':
      return task.updated(state, event.data, changes);
    case 'task.ready':
      return task.setStatus(state, event.data.taskId, 'ready', changes);
    case 'task.pending':
      return task.setStatus(state, event.data.taskId, 'pending', changes);
    case 'task.claimed':
      return task.claimed(state, event.data, agentId, at, changes);
    case 'task.progress':
      return task.progressed(state, event.data, at, changes);
    case 'task.silent':
      return task.asked(state, event.data, at, changes);
    case 'task.completed':
      return task.completed(state, event.data, at, changes);
    case 'task.cancelled':
      return task.cancelled(state, event.data.taskId, at, changes);
    case 'task.released':
      return task.released(state, event.data, changes);
    case 'task.failed':
      return task.failed(state, event.data, changes);
    case 'task.blocked':
      return task.blocked(state, event.data, changes);
    case 'task.unblocked':
      return task.unblocked(state, event.data.taskId, changes);
    case 'task.retried':
      return task.retried(state, event.data.taskId, changes);
    case 'dependency.added':
      return task.dependencyAdded(state, event.data, changes);
    case 'dependency.removed':
      return task.dependencyRemoved(state, event.data, changes);
    case 'assistance.requested':
      state.assistance.set(event.data.requestId, {
        id: event.data.requestId,
        agentId,
        offeredTo: event.data.offeredTo,
      });
      return;
    case 'assistance.answered':
      if (event.data.accepted) state.assistance.delete(event.data.requestId);
      return;
    case 'assistance.closed':
      state.assistance.delete(event.data.requestId);
      return;
    case 'state.updated':
      if (event.data.deleted) state.liveState.delete(event.data.key);
      else state.liveState.set(event.data.key, event.data.version);
      return;
    case 'conflict.detected':
      state.conflicts.add(event.data.conflictId);
      return;
    case 'conflict.resolved':
      state.conflicts.delete(event.data.conflictId);
      return;
    case 'project.milestone':
    case 'message.sent':
    case 'message.read':
    case 'update.broadcast':
    case 'file.created':
    case 'file.modified':
    case 'file.deleted':
      // These live only in the log and in rows of their own.
      return;
  }
};

type ProjectEvent = Extract<FramedEvent, { type: 'project.created' | 'project.updated' }>;

const applyProject = (state: ProjectState, event: ProjectEvent, at: number, changes: Changes): void => {
  const policy = state.settings.policy;
  const { settings, ...patch } = event.data;
  Object.assign(state, task.defined(patch));
  state.settings = { ...state.settings, ...task.defined(settings ?? {}) };
  state.updatedAt = at;
  if (event.type === 'project.created') state.createdAt = at;
  if (state.settings.policy !== policy) {
    reorder(state);
    propagate(state, state.tasks.keys());
  }
  changes.project = true;
};
