import type { EventData, Settled } from '@agentmix/act-contract';
import { enlist, propagate, unlist } from '../assignment/assignment-index.ts';
import { putPaths, putTitle, takePaths, takeTitle, titleKeyOf } from '../assignment/known-work.ts';
import { isAttempt } from '../attempt.ts';
import type { Changes } from '../changes.ts';
import { defined } from '../defined.ts';
import { fingerprint } from '../fingerprint.ts';
import { isClosed, makeTask } from '../state.ts';
import type { ProjectState, TaskState } from '../state.ts';

const MINUTE_MS = 60_000;

/** The task that an event speaks of; an event about an unknown one is a broken log. */
export const taskOf = (state: ProjectState, id: string): TaskState => {
  const task = state.tasks.get(id);
  if (!task) throw new Error(`event about unknown task ${id} in project ${state.id}`);
  return task;
};

/** Changes a task, keeping the index right, and marks its row. */
export const change = (
  state: ProjectState,
  id: string,
  changes: Changes,
  mutate: (task: TaskState) => void,
): TaskState => {
  const task = taskOf(state, id);
  const { work } = state.index;
  unlist(state, task);
  if (task.status === 'claimed') takePaths(work, task);
  mutate(task);
  if (task.status === 'claimed') putPaths(work, task);
  enlist(state, task);
  changes.tasks.set(id, task);
  return task;
};

const countWaiting = (
  state: ProjectState,
  dependencies: readonly string[],
  phaseId: string | undefined,
): number => {
  const phase = phaseId === undefined ? undefined : state.phases.get(phaseId);
  const phases = phase?.dependencies.filter((id) => state.phases.get(id)?.status === 'active').length ?? 0;
  return phases + dependencies.filter((id) => state.tasks.has(id)).length;
};

/** Puts an open task into every structure that knows open tasks. */
export const attach = (state: ProjectState, task: TaskState): void => {
  state.tasks.set(task.id, task);
  task.titleKey = titleKeyOf(task);
  putTitle(state.index.work, task);
  if (task.status === 'claimed') putPaths(state.index.work, task);
  task.waitingOn = countWaiting(state, task.dependencies, task.phaseId);
  for (const id of task.dependencies) state.tasks.get(id)?.dependents.add(task.id);
  if (task.phaseId !== undefined) state.phases.get(task.phaseId)?.open.add(task.id);
  enlist(state, task);
};

const detach = (state: ProjectState, task: TaskState): void => {
  state.tasks.delete(task.id);
  takeTitle(state.index.work, task);
  state.closedTasks.add(task.id);
  for (const id of task.dependents) {
    const dependent = state.tasks.get(id);
    if (dependent) dependent.waitingOn--;
  }
  for (const id of task.dependencies) state.tasks.get(id)?.dependents.delete(task.id);
  if (task.phaseId !== undefined) state.phases.get(task.phaseId)?.open.delete(task.id);
  propagate(state, task.dependencies);
};

/**
 * The task that a `task.created` tells of. Field by field: an object of all its other fields is a dictionary to V8, slow
 * to make and to read, and took a quarter of the time of a task’s creation.
 */
export const newTask = (data: EventData<'task.created'>, seq: number, at: number): TaskState =>
  makeTask({
    id: data.taskId,
    key: data.key,
    phaseId: data.phaseId,
    order: seq,
    createdAt: at,
    title: data.title,
    descriptionHash: fingerprint(data.description ?? ''),
    type: data.type,
    priority: data.priority,
    complexityScore: data.complexityScore,
    estimatedTime: data.estimatedTime,
    requires: data.requires,
    filePaths: data.filePaths,
    dependencies: data.dependencies,
    status: data.status,
    epoch: 0,
    attempts: 0,
  });

export const created = (
  state: ProjectState,
  data: EventData<'task.created'>,
  seq: number,
  at: number,
  changes: Changes,
): void => {
  const { taskId } = data;
  const task = newTask(data, seq, at);
  if (task.key !== undefined) state.taskIdsByKey.set(task.key, taskId);
  changes.tasks.set(taskId, task);
  changes.created.add(taskId);
  if (isClosed(task.status)) {
    task.completedAt = at;
    state.closedTasks.add(taskId);
    return;
  }
  attach(state, task);
  propagate(state, [taskId]);
};

export const updated = (state: ProjectState, data: EventData<'task.updated'>, changes: Changes): void => {
  const { taskId, description, ...patch } = data;
  change(state, taskId, changes, (task) => {
    takeTitle(state.index.work, task);
    Object.assign(task, defined(patch));
    // Whoever changes what is to be done says that it is still to be done.
    task.settled = undefined;
    task.titleKey = titleKeyOf(task);
    putTitle(state.index.work, task);
    if (description !== undefined) task.descriptionHash = fingerprint(description);
  });
  propagate(state, [taskId]);
};

export const setStatus = (
  state: ProjectState,
  taskId: string,
  status: 'pending' | 'ready',
  changes: Changes,
): void => {
  change(state, taskId, changes, (task) => {
    task.status = status;
    task.blockedReason = undefined;
  });
};

export const claimed = (
  state: ProjectState,
  data: EventData<'task.claimed'>,
  agentId: string,
  at: number,
  changes: Changes,
): void => {
  change(state, data.taskId, changes, (task) => {
    task.status = 'claimed';
    task.agentId = agentId;
    task.sessionId = data.sessionId;
    task.epoch = data.epoch;
    task.claimedAt = at;
    task.progressedAt = at;
    task.startedAt ??= at;
    task.askedAt = undefined;
    const phase = task.phaseId === undefined ? undefined : state.phases.get(task.phaseId);
    if (phase && phase.startedAt === undefined) {
      phase.startedAt = at;
      changes.phases.set(phase.id, phase);
    }
  });
  state.sessions.get(data.sessionId)?.held.add(data.taskId);
};

export const progressed = (
  state: ProjectState,
  data: EventData<'task.progress'>,
  at: number,
  changes: Changes,
): void => {
  const task = taskOf(state, data.taskId);
  const { percent, note, checkpoint } = data;
  Object.assign(task, defined({ percent, note, checkpoint }));
  task.progressedAt = at;
  task.askedAt = undefined;
  changes.tasks.set(task.id, task);
};

export const asked = (
  state: ProjectState,
  data: EventData<'task.silent'>,
  at: number,
  changes: Changes,
): void => {
  const task = taskOf(state, data.taskId);
  task.askedAt = at;
  changes.tasks.set(task.id, task);
};

const letGo = (state: ProjectState, task: TaskState): void => {
  if (task.sessionId !== undefined) state.sessions.get(task.sessionId)?.held.delete(task.id);
  task.sessionId = undefined;
  task.claimedAt = undefined;
  task.askedAt = undefined;
};

export const completed = (
  state: ProjectState,
  data: EventData<'task.completed'>,
  at: number,
  changes: Changes,
): void => {
  const task = change(state, data.taskId, changes, (held) => {
    letGo(state, held);
    held.status = 'completed';
    held.completedAt = at;
    held.actualTime = data.actualTime;
    held.percent = 100;
    if (data.result !== undefined) held.result = data.result;
  });
  const phase = task.phaseId === undefined ? undefined : state.phases.get(task.phaseId);
  if (phase) phase.spent += data.actualTime;
  const agent = task.agentId === undefined ? undefined : state.agents.get(task.agentId);
  if (agent) agent.completed.set(task.type, (agent.completed.get(task.type) ?? 0) + 1);
  detach(state, task);
};

export const cancelled = (state: ProjectState, taskId: string, at: number, changes: Changes): void => {
  const task = change(state, taskId, changes, (open) => {
    letGo(state, open);
    open.status = 'cancelled';
    open.completedAt = at;
  });
  detach(state, task);
};

export const released = (state: ProjectState, data: EventData<'task.released'>, changes: Changes): void => {
  const task = change(state, data.taskId, changes, (held) => {
    letGo(state, held);
    held.status = held.waitingOn === 0 ? 'ready' : 'pending';
    held.attempts = data.attempts;
    Object.assign(held, defined({ note: data.note, checkpoint: data.checkpoint }));
  });
  const agent = task.agentId === undefined ? undefined : state.agents.get(task.agentId);
  task.agentId = undefined;
  if (!agent || !isAttempt(data.reason)) return;
  agent.failed.set(task.type, (agent.failed.get(task.type) ?? 0) + 1);
  changes.agents.set(agent.id, agent);
};

export const failed = (state: ProjectState, data: EventData<'task.failed'>, changes: Changes): void => {
  change(state, data.taskId, changes, (task) => {
    task.status = 'failed';
    task.blockedReason = data.reason;
  });
};

export const blocked = (
  state: ProjectState,
  data: EventData<'task.blocked'>,
  agentId: string | undefined,
  changes: Changes,
): void => {
  change(state, data.taskId, changes, (task) => {
    task.status = 'blocked';
    task.blockedReason = data.reason;
    task.blockedBy = agentId;
    task.waitingFor = data.waitingFor;
  });
};

export const retried = (state: ProjectState, taskId: string, changes: Changes): void => {
  change(state, taskId, changes, (task) => {
    task.attempts = 0;
    task.status = task.waitingOn === 0 ? 'ready' : 'pending';
    task.blockedReason = undefined;
  });
};

export const unblocked = (state: ProjectState, taskId: string, changes: Changes): void => {
  change(state, taskId, changes, (task) => {
    task.status = task.waitingOn === 0 ? 'ready' : 'pending';
    task.blockedReason = undefined;
    task.blockedBy = undefined;
    task.waitingFor = undefined;
  });
};

/** Perhaps done already, by this commit; or no longer thought so. */
export const flagged = (
  state: ProjectState,
  taskId: string,
  settled: Settled | undefined,
  changes: Changes,
): void => {
  change(state, taskId, changes, (task) => {
    task.settled = settled;
  });
};

export const dependencyAdded = (
  state: ProjectState,
  data: EventData<'dependency.added'>,
  changes: Changes,
): void => {
  const task = change(state, data.taskId, changes, (open) => {
    open.dependencies = [...open.dependencies, data.dependsOn];
    const dependency = state.tasks.get(data.dependsOn);
    if (!dependency) return;
    dependency.dependents.add(open.id);
    open.waitingOn++;
  });
  propagate(state, task.dependencies);
};

export const dependencyRemoved = (
  state: ProjectState,
  data: EventData<'dependency.removed'>,
  changes: Changes,
): void => {
  change(state, data.taskId, changes, (task) => {
    task.dependencies = task.dependencies.filter((id) => id !== data.dependsOn);
    const dependency = state.tasks.get(data.dependsOn);
    if (!dependency) return;
    dependency.dependents.delete(task.id);
    task.waitingOn--;
  });
  propagate(state, [data.dependsOn]);
};

/** Minutes between two times, at least 0. */
export const minutesBetween = (from: number | undefined, to: number): number =>
  from === undefined ? 0 : Math.max(0, Math.round((to - from) / MINUTE_MS));
