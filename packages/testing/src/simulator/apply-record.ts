import type { EventType, FramedEvent } from '@agentmix/act-contract';
import { DEFAULT_ESTIMATE_MINUTES } from '@agentmix/act-core';
import { canDo, isOpen, knownPhase, knownTask, waitsFor } from './model.ts';
import type { Model, ModelTask } from './model.ts';
import { predicted, reported, withdrawn } from './prediction-rules.ts';
import { queued, reserved, unreserved } from './reservation-rules.ts';
import { insist } from './violation.ts';

type Of<T extends EventType> = Extract<FramedEvent, { type: T }>;
type Apply<T extends EventType> = (model: Model, event: Of<T>, clock: number) => void;

const ignore = (): void => undefined;

/** The condition of an open task that nobody holds and nothing keeps back. */
const settle = (model: Model, task: ModelTask): void => {
  task.holder = undefined;
  task.condition = waitsFor(model, task).length === 0 ? 'ready' : 'waiting';
};

const insistHeld = (task: ModelTask, event: FramedEvent, epoch: number): void => {
  insist(task.condition === 'held', () => `${event.type} of ${task.id}, which is ${task.condition}`);
  insist(
    task.epoch === epoch,
    () => `${event.type} of ${task.id} with epoch ${epoch}, current is ${task.epoch}`,
  );
  insist(
    event.agentId === undefined || event.agentId === task.holder?.agentId,
    () => `${event.type} of ${task.id} by ${event.agentId}, held by ${task.holder?.agentId}`,
  );
};

const createTask: Apply<'task.created'> = (model, { data }) => {
  insist(!model.tasks.has(data.taskId), () => `task ${data.taskId} created twice`);
  const task: ModelTask = {
    id: data.taskId,
    key: data.key,
    phaseId: data.phaseId,
    dependencies: new Set(data.dependencies),
    requires: data.requires,
    priority: data.priority,
    minutes: data.estimatedTime ?? DEFAULT_ESTIMATE_MINUTES,
    condition: data.status === 'pending' ? 'waiting' : data.status,
    epoch: 0,
    attempts: 0,
  };
  for (const other of model.tasks.values())
    insist(data.key === undefined || other.key !== data.key, () => `two tasks with key ${data.key}`);
  model.tasks.set(task.id, task);
};

const claim: Apply<'task.claimed'> = (model, event) => {
  const { taskId, epoch, attempt, sessionId } = event.data;
  const task = knownTask(model, taskId, event);
  const session = model.sessions.get(sessionId);
  insist(task.holder === undefined, () => `${taskId} granted while ${task.holder?.agentId} holds it`);
  insist(task.condition === 'ready', () => `${taskId} granted while it is ${task.condition}`);
  insist(
    waitsFor(model, task).length === 0,
    () => `${taskId} granted before ${waitsFor(model, task).join()}`,
  );
  insist(epoch === task.epoch + 1, () => `${taskId} granted with epoch ${epoch} after ${task.epoch}`);
  insist(
    attempt === task.attempts + 1,
    () => `${taskId} granted as attempt ${attempt} after ${task.attempts}`,
  );
  insist(session?.isLive === true, () => `${taskId} granted to session ${sessionId}, which is not live`);
  const agentId = session?.agentId ?? '';
  insist(event.agentId === agentId, () => `${taskId} granted to ${event.agentId}, session of ${agentId}`);
  const capabilities = model.agents.get(agentId) ?? [];
  insist(canDo(capabilities, task.requires), () => `${taskId} granted to ${agentId}, who cannot do it`);
  task.epoch = epoch;
  task.condition = 'held';
  task.holder = { sessionId, agentId };
};

const close = (model: Model, task: ModelTask, condition: 'completed' | 'cancelled'): void => {
  insist(isOpen(task), () => `${task.id} is ${condition} after it was ${task.condition}`);
  task.condition = condition;
  task.holder = undefined;
  if (task.phaseId !== undefined && !knownPhase(model, task.phaseId).isCompleted)
    model.closing.add(task.phaseId);
};

/** The reasons that count as a lost attempt, as the contract’s documents list them. */
const LOSSES = ['failed', 'expired', 'replaced', 'silent', 'too_long'];

const release: Apply<'task.released'> = (model, event) => {
  const { taskId, epoch, reason, attempts } = event.data;
  const task = knownTask(model, taskId, event);
  insistHeld(task, event, epoch);
  const isLoss = LOSSES.includes(reason);
  const expected = task.attempts + (isLoss ? 1 : 0);
  insist(
    attempts === expected,
    () => `${taskId} returned (${reason}) with ${attempts} attempts, not ${expected}`,
  );
  task.attempts = attempts;
  if (isLoss && attempts >= model.settings.maxAttempts) model.parking.add(taskId);
  settle(model, task);
};

const park: Apply<'task.failed'> = (model, event) => {
  const { taskId } = event.data;
  const task = knownTask(model, taskId, event);
  insist(model.parking.delete(taskId), () => `${taskId} parked before its last attempt`);
  task.condition = 'parked';
};

const leave = (model: Model, event: FramedEvent, taskId: string, from: ModelTask['condition']): void => {
  const task = knownTask(model, taskId, event);
  insist(task.condition === from, () => `${event.type} of ${taskId}, which is ${task.condition}`);
  settle(model, task);
  if (event.type === 'task.retried') task.attempts = 0;
};

const becomeReady: Apply<'task.ready'> = (model, event) => {
  const task = knownTask(model, event.data.taskId, event);
  insist(task.condition === 'waiting', () => `task.ready of ${task.id}, which is ${task.condition}`);
  task.condition = 'ready';
};

const becomePending: Apply<'task.pending'> = (model, event) => {
  const task = knownTask(model, event.data.taskId, event);
  insist(task.condition === 'ready', () => `task.pending of ${task.id}, which is ${task.condition}`);
  task.condition = 'waiting';
};

const register: Apply<'agent.registered'> = (model, { agentId = '', data }, clock) => {
  const { sessionId, capabilities, leaseMs } = data;
  for (const session of model.sessions.values())
    insist(!(session.isLive && session.agentId === agentId), () => `${agentId} has two live sessions`);
  model.agents.set(agentId, capabilities);
  model.sessions.set(sessionId, {
    id: sessionId,
    agentId,
    leaseMs,
    leaseUntil: clock + leaseMs,
    isLive: true,
  });
};

const disconnect: Apply<'agent.disconnected'> = (model, { data }, clock) => {
  const session = model.sessions.get(data.sessionId);
  insist(session?.isLive === true, () => `session ${data.sessionId} ended, but it was not live`);
  if (!session) return;
  insist(
    data.reason !== 'expired' || session.leaseUntil < clock,
    () => `session ${session.id} expired ${session.leaseUntil - clock} ms before its lease ran out`,
  );
  session.isLive = false;
};

const completePhase: Apply<'phase.completed'> = (model, { data }) => {
  const phase = knownPhase(model, data.phaseId);
  const open = [...model.tasks.values()].filter((task) => task.phaseId === phase.id && isOpen(task));
  insist(!phase.isCompleted, () => `phase ${phase.id} completed twice`);
  insist(open.length === 0, () => `phase ${phase.id} completed with ${open.length} open tasks`);
  phase.isCompleted = true;
};

const appliers: { readonly [T in EventType]: Apply<T> } = {
  'project.created': (model, { data }) => {
    insist(model.seq === 1, () => 'the project was created twice');
    model.settings = data.settings;
  },
  'project.updated': (model, { data }) => {
    if (data.status !== undefined) model.isArchived = data.status === 'archived';
    const told = Object.entries(data.settings ?? {}).filter(([, value]) => value !== undefined);
    model.settings = { ...model.settings, ...Object.fromEntries(told) };
  },
  'project.milestone': ignore,
  'member.changed': (model, { data }) => void model.members.add(data.memberId),
  'member.removed': (model, { data }) => {
    insist(model.members.delete(data.memberId), () => `a member removed that is none`);
    for (const key of model.keys.values()) if (key.memberId === data.memberId) key.isRevoked = true;
  },
  'key.created': (model, { data: { keyId, memberId } }) => {
    insist(model.members.has(memberId) && !model.keys.has(keyId), () => `key ${keyId} of nobody or twice`);
    model.keys.set(keyId, { memberId, isRevoked: false });
  },
  'key.expiring': (model, { data }) =>
    insist(model.keys.get(data.keyId)?.isRevoked === false, () => 'a dead key expires'),
  'key.revoked': (model, { data }) => {
    const key = model.keys.get(data.keyId);
    insist(key?.isRevoked === false, () => 'a key revoked twice');
    if (key) key.isRevoked = true;
  },
  'privacy.erased': (model, { data }) =>
    insist(!model.members.has(data.memberId), () => 'a member erased that is still one'),
  'access.refused': ignore,
  'phase.created': (model, { data: { phaseId, key, dependencies } }) => {
    for (const id of dependencies) knownPhase(model, id);
    model.phases.set(phaseId, { id: phaseId, key, dependencies, isCompleted: false });
  },
  'phase.updated': (model, { data }) => void knownPhase(model, data.phaseId),
  'phase.completed': completePhase,
  'agent.registered': register,
  'agent.disconnected': disconnect,
  'agent.keys_published': (model, { agentId = '' }) =>
    insist(model.agents.has(agentId), () => `keys of an unknown agent ${agentId}`),
  'task.created': createTask,
  'task.updated': (model, event) => {
    const task = knownTask(model, event.data.taskId, event);
    const { requires, priority, estimatedTime } = event.data;
    insist(isOpen(task), () => `${task.id} changed after it was ${task.condition}`);
    if (requires) task.requires = requires;
    if (priority !== undefined) task.priority = priority;
    if (estimatedTime !== undefined) task.minutes = estimatedTime;
    task.settled = undefined;
  },
  'task.ready': becomeReady,
  'task.pending': becomePending,
  'task.claimed': claim,
  'task.progress': (model, event) =>
    insistHeld(knownTask(model, event.data.taskId, event), event, event.data.epoch),
  'task.silent': (model, event) =>
    insistHeld(knownTask(model, event.data.taskId, event), event, event.data.epoch),
  'task.completed': (model, event) => {
    const task = knownTask(model, event.data.taskId, event);
    insistHeld(task, event, event.data.epoch);
    close(model, task, 'completed');
  },
  'task.released': release,
  'task.failed': park,
  'task.blocked': (model, event) => {
    const task = knownTask(model, event.data.taskId, event);
    insist(
      task.condition === 'ready' || task.condition === 'waiting',
      () => `task.blocked of ${task.id}, which is ${task.condition}`,
    );
    task.condition = 'blocked';
    const { waitingFor } = event.data;
    task.waits = waitingFor === undefined ? undefined : { by: event.agentId ?? '', on: waitingFor };
  },
  'task.unblocked': (model, event) => leave(model, event, event.data.taskId, 'blocked'),
  'task.cancelled': (model, event) => close(model, knownTask(model, event.data.taskId, event), 'cancelled'),
  'task.retried': (model, event) => leave(model, event, event.data.taskId, 'parked'),
  'task.settled': (model, event) => {
    const task = knownTask(model, event.data.taskId, event);
    insist(isOpen(task) && task.settled === undefined, () => `${task.id} is closed, or settled twice`);
    insist(model.mainCommits.has(event.data.commit), () => `${task.id} is settled by an unknown commit`);
    task.settled = event.data.commit;
  },
  'task.confirmed': (model, event) => {
    const task = knownTask(model, event.data.taskId, event);
    insist(isOpen(task) && task.settled !== undefined, () => `${task.id} confirmed without a doubt`);
    task.settled = undefined;
  },
  'dependency.added': (model, event) => {
    const task = knownTask(model, event.data.taskId, event);
    insist(isOpen(task) && task.condition !== 'held', () => `a dependency for ${task.id}: ${task.condition}`);
    insist(model.tasks.has(event.data.dependsOn), () => `a dependency on an unknown task`);
    insist(!task.dependencies.has(event.data.dependsOn), () => `${task.id} has the dependency twice`);
    task.dependencies.add(event.data.dependsOn);
  },
  'dependency.removed': (model, event) => {
    const task = knownTask(model, event.data.taskId, event);
    insist(task.dependencies.delete(event.data.dependsOn), () => `${task.id} has no such dependency`);
  },
  'message.sent': (model, { data }) => void model.messages.push(data.messageId),
  'message.read': ignore,
  'update.broadcast': (model, { data }) => void model.messages.push(data.messageId),
  'assistance.requested': (model, { data }) => void model.requests.add(data.requestId),
  'assistance.answered': (model, { data }) => {
    insist(model.requests.has(data.requestId), () => 'an answer to a request that is not open');
    if (data.accepted) model.requests.delete(data.requestId);
  },
  'assistance.closed': (model, { data }) =>
    insist(model.requests.delete(data.requestId), () => 'a request closed that is not open'),
  'state.updated': (model, { data, seq }) => {
    insist(data.version === seq, () => `version ${data.version} at ${seq}`);
    if (data.deleted) insist(model.stateKeys.delete(data.key), () => `no key ${data.key} to delete`);
    else model.stateKeys.set(data.key, data.version);
  },
  'file.created': ignore,
  'file.modified': ignore,
  'file.deleted': ignore,
  'file.watched': (model, { data }) =>
    insist(
      model.sessions.get(data.sessionId)?.isLive === true,
      () => 'patterns of a session that is not live',
    ),
  'reservation.granted': reserved,
  'reservation.queued': queued,
  'reservation.released': unreserved,
  'branch.advanced': (model, { data: { commit } }) => {
    insist(!model.mainCommits.has(commit), () => `commit ${commit} counted twice`);
    model.mainCommits.add(commit);
  },
  'worktree.reported': reported,
  'conflict.predicted': predicted,
  'conflict.withdrawn': withdrawn,
  'artifact.stored': (model, { data }) => {
    insist(!model.artifacts.has(data.artifactId), () => `file ${data.artifactId} stored twice`);
    model.artifacts.add(data.artifactId);
  },
  'artifact.deleted': (model, { data }) =>
    insist(model.artifacts.delete(data.artifactId), () => 'a file deleted that is not stored'),
  'conflict.detected': (model, { data }) => void model.conflicts.add(data.conflictId),
  'conflict.escalated': (model, { data }) =>
    insist(model.conflicts.has(data.conflictId), () => 'a question about a conflict that is not open'),
  'conflict.resolved': (model, { data }) =>
    insist(model.conflicts.delete(data.conflictId), () => 'a conflict resolved that is not open'),
};

/** Takes one event of the log, in order. `clock` is the store’s clock when its record was committed. */
export const applyEvent = (model: Model, event: FramedEvent, clock: number): void => {
  insist(event.seq === model.seq + 1, () => `seq ${event.seq} after ${model.seq}`);
  model.seq = event.seq;
  // The table pairs every type with its event; TypeScript cannot follow that pairing through an index.
  (appliers[event.type] as Apply<EventType>)(model, event, clock);
};
