import { DEPENDENCIES_MAX, settledText } from '@agentmix/act-contract';
import type { NewEvent } from '@agentmix/act-contract';
import { chooseTask } from '../assignment/choose-task.ts';
import { isCapable } from '../capabilities.ts';
import { overlap } from '../conflict/detect.ts';
import { sameWorkAs } from '../conflict/same-work.ts';
import type { SameWork } from '../conflict/same-work.ts';
import { defined } from '../defined.ts';
import { minutesBetween } from '../evolve/task.ts';
import { describeCycle, emptyDraft, findCycle, graphOf, taskNode, waitsFor } from '../graph.ts';
import type { ProjectState, SessionState, TaskState } from '../state.ts';
import { taskClosing } from './closing.ts';
import { accept, isRefused, refuse, sessionOf } from './decision.ts';
import type { Accepted, Decide, DecisionContext } from './decision.ts';
import { missingEvidence } from './evidence.ts';
import { giveBack, heldTask } from './holding.ts';
import { isShown } from '../settled/settled-by.ts';

const openTask = (state: ProjectState, taskId: string): TaskState | ReturnType<typeof refuse> =>
  state.tasks.get(taskId) ??
  (state.closedTasks.has(taskId)
    ? refuse('task_closed', `task ${taskId} is closed`)
    : refuse('task_not_found', `no task ${taskId}`));

const isKnown = (state: ProjectState, taskId: string): boolean =>
  state.tasks.has(taskId) || state.closedTasks.has(taskId);

export const create: Decide<'task.create'> = (state, input, { newId }) => {
  if (input.phaseId !== undefined && !state.phases.has(input.phaseId))
    return refuse('phase_not_found', `no phase ${input.phaseId}`);
  if (input.key !== undefined && state.taskIdsByKey.has(input.key)) {
    return refuse('duplicate_key', 'a task with this key exists', {
      taskId: state.taskIdsByKey.get(input.key),
    });
  }
  if (state.tasks.size >= state.settings.openTasksMax) {
    return refuse('limit_reached', `the project has ${state.settings.openTasksMax} open tasks`, {
      limit: 'openTasksMax',
    });
  }
  const dependencies = [...new Set(input.dependencies)];
  const unknown = dependencies.find((id) => !isKnown(state, id));
  if (unknown !== undefined) return refuse('task_not_found', `no task ${unknown}`, { taskId: unknown });
  const taskId = newId();
  const draft = emptyDraft();
  draft.dependencies.set(taskId, dependencies);
  if (input.phaseId !== undefined) {
    draft.phaseOf.set(taskId, input.phaseId);
    const cycle = findCycle(graphOf(state, draft), [taskNode(taskId)]);
    if (cycle)
      return refuse('dependency_cycle', describeCycle(state, cycle, new Map([[taskId, input.title]])), {
        cycle,
      });
  }
  const waits = [...waitsFor(state, draft, taskId)].length > 0;
  return accept({
    type: 'task.created',
    data: { ...defined(input), taskId, dependencies, status: waits ? 'pending' : 'ready' } as Extract<
      NewEvent,
      { type: 'task.created' }
    >['data'],
  });
};

export const update: Decide<'task.update'> = (state, input) => {
  const task = openTask(state, input.taskId);
  return isRefused(task) ? task : accept({ type: 'task.updated', data: defined(input) });
};

/** What an agent is told of the work it gets: first that it is perhaps done, so that it looks before it begins. */
const told = ({ settled }: TaskState, same: SameWork | undefined, reasons: string[]): string[] => {
  const doubts: string[] = [];
  if (settled) doubts.push(`perhaps done already: ${settledText(settled)}`);
  if (same) doubts.push(`${same.agentId} may do the same in task ${same.taskId}: ${same.why}`);
  return doubts.length === 0 ? reasons : [...doubts, ...reasons];
};

const grant = (
  state: ProjectState,
  task: TaskState,
  session: SessionState,
  reasons: string[],
  context: DecisionContext,
): Accepted => {
  const same = sameWorkAs(state, task, session.agentId);
  const claimed: Extract<NewEvent, { type: 'task.claimed' }> = {
    type: 'task.claimed',
    agentId: session.agentId,
    data: {
      taskId: task.id,
      epoch: task.epoch + 1,
      attempt: task.attempts + 1,
      sessionId: session.id,
      leaseMs: session.leaseMs,
      reasons: told(task, same, reasons),
    },
  };
  return same ? accept(claimed, ...overlap(state, claimed, same, context)) : accept(claimed);
};

export const next: Decide<'task.next'> = (state, input, context) => {
  const session = sessionOf(state, input.sessionId);
  if (isRefused(session)) return session;
  // Whoever asks again because an answer was lost is told of the grant that it has.
  if (input.resume && session.held.size > 0) return accept();
  const choice = chooseTask(state, session, context.seeking);
  return choice ? grant(state, choice.task, session, choice.reasons, context) : accept();
};

export const claim: Decide<'task.claim'> = (state, input, context) => {
  const session = sessionOf(state, input.sessionId);
  if (isRefused(session)) return session;
  const task = openTask(state, input.taskId);
  if (isRefused(task)) return task;
  if (task.status === 'claimed') {
    return refuse('task_already_claimed', `${task.agentId} holds the task`, {
      taskId: task.id,
      holder: task.agentId,
      currentEpoch: task.epoch,
    });
  }
  if (task.status !== 'ready') {
    return refuse('task_not_ready', `the task is ${task.status}`, {
      taskId: task.id,
      status: task.status,
      waitingOn: task.waitingOn,
    });
  }
  const capabilities = state.agents.get(session.agentId)?.capabilities ?? [];
  if (!isCapable(capabilities, task.requires))
    return refuse('capability_missing', undefined, { taskId: task.id, requires: task.requires });
  return grant(state, task, session, ['asked for by id'], context);
};

export const progress: Decide<'task.progress'> = (state, input) => {
  const task = heldTask(state, input);
  if (isRefused(task)) return task;
  const { taskId, epoch, percent, note, checkpoint } = input;
  return accept({
    type: 'task.progress',
    ...defined({ agentId: task.agentId }),
    data: { taskId, epoch, ...defined({ percent, note, checkpoint }) },
  });
};

export const complete: Decide<'task.complete'> = (state, input, { now }) => {
  const task = heldTask(state, input);
  if (isRefused(task)) return task;
  const { taskId, epoch, evidence } = input;
  const missing = missingEvidence(state.settings.evidence, evidence);
  if (missing.length > 0)
    return refuse('evidence_missing', `the completion does not show ${missing.join(', ')}`, {
      taskId,
      missing,
    });
  const actualTime = minutesBetween(task.claimedAt, now);
  // A result of null says as much as none.
  const result = input.result ?? undefined;
  // The commit that the holder shows is its own work, not that of others before it.
  const settled = isShown(evidence?.commit, task.settled?.commit) ? undefined : task.settled;
  const data = { taskId, epoch, ...defined({ result, evidence, settled }), actualTime };
  const completed: NewEvent = { type: 'task.completed', agentId: task.agentId ?? '', data };
  return { events: [completed, ...taskClosing(state, task, now, true)] };
};

export const fail: Decide<'task.fail'> = (state, input) => {
  const task = heldTask(state, input);
  if (isRefused(task)) return task;
  return accept(
    ...giveBack(state, task, 'failed', {
      agentId: task.agentId,
      note: input.reason,
      checkpoint: input.checkpoint,
    }),
  );
};

export const release: Decide<'task.release'> = (state, input) => {
  const task = heldTask(state, input);
  if (isRefused(task)) return task;
  return accept(
    ...giveBack(state, task, 'released', {
      agentId: task.agentId,
      note: input.note,
      checkpoint: input.checkpoint,
    }),
  );
};

export const block: Decide<'task.block'> = (state, input) => {
  const task = heldTask(state, input);
  if (isRefused(task)) return task;
  const { taskId, reason, waitingFor } = input;
  if (waitingFor !== undefined && !state.agents.has(waitingFor))
    return refuse('agent_not_found', `no agent ${waitingFor}`);
  const by = defined({ agentId: task.agentId });
  return accept(
    ...giveBack(state, task, 'blocked', {
      agentId: task.agentId,
      note: reason,
      checkpoint: input.checkpoint,
    }),
    { type: 'task.blocked', ...by, data: { taskId, reason, ...defined({ waitingFor }) } },
  );
};

export const unblock: Decide<'task.unblock'> = (state, { taskId }) => {
  const task = openTask(state, taskId);
  if (isRefused(task)) return task.refusal.code === 'task_closed' ? refuse('task_not_blocked') : task;
  return task.status === 'blocked'
    ? accept({ type: 'task.unblocked', data: { taskId } })
    : refuse('task_not_blocked', `the task is ${task.status}`);
};

export const retry: Decide<'task.retry'> = (state, { taskId }) => {
  const task = openTask(state, taskId);
  if (isRefused(task)) return task.refusal.code === 'task_closed' ? refuse('task_not_failed') : task;
  return task.status === 'failed'
    ? accept({ type: 'task.retried', data: { taskId } })
    : refuse('task_not_failed', `the task is ${task.status}`);
};

export const cancel: Decide<'task.cancel'> = (state, { taskId, reason }, { now }) => {
  const task = openTask(state, taskId);
  if (isRefused(task)) return task;
  return accept(
    { type: 'task.cancelled', data: { taskId, ...defined({ reason }) } },
    ...taskClosing(state, task, now, false),
  );
};

export const confirm: Decide<'task.confirm'> = (state, { taskId, sessionId }) => {
  const session = sessionId === undefined ? undefined : sessionOf(state, sessionId);
  if (session && isRefused(session)) return session;
  const task = openTask(state, taskId);
  if (isRefused(task)) return task;
  if (!task.settled) return accept();
  return accept({
    type: 'task.confirmed',
    ...defined({ agentId: session?.agentId }),
    data: { taskId },
  });
};

export const timeout: Decide<'task.timeout'> = (state, { taskId, epoch }, { now }) => {
  const task = openTask(state, taskId);
  if (isRefused(task)) return refuse('task_not_found');
  if (task.status !== 'claimed' || task.epoch !== epoch) return refuse('stale_epoch');
  const silentMs = now - (task.progressedAt ?? now);
  if (now - (task.claimedAt ?? now) >= state.settings.claimMs)
    return accept(...giveBack(state, task, 'too_long'));
  if (silentMs >= 2 * state.settings.silenceMs) return accept(...giveBack(state, task, 'silent'));
  if (silentMs >= state.settings.silenceMs && task.askedAt === undefined) {
    return accept({
      type: 'task.silent',
      ...defined({ agentId: task.agentId }),
      data: { taskId, epoch, silentMs },
    });
  }
  return refuse('lease_live');
};

export const addDependency: Decide<'dependency.add'> = (state, { taskId, dependsOn }) => {
  const task = openTask(state, taskId);
  if (isRefused(task)) return task;
  if (!isKnown(state, dependsOn)) return refuse('task_not_found', `no task ${dependsOn}`);
  if (task.dependencies.includes(dependsOn)) return accept();
  if (task.status === 'claimed') return refuse('task_held', `${task.agentId} holds the task`);
  if (task.dependencies.length >= DEPENDENCIES_MAX)
    return refuse('limit_reached', `at most ${DEPENDENCIES_MAX} dependencies`);
  const draft = emptyDraft();
  draft.dependencies.set(taskId, [dependsOn]);
  const cycle = findCycle(graphOf(state, draft), [taskNode(taskId)]);
  if (cycle) return refuse('dependency_cycle', describeCycle(state, cycle, new Map()), { cycle });
  const added: NewEvent = { type: 'dependency.added', data: { taskId, dependsOn } };
  return task.status === 'ready' && state.tasks.has(dependsOn)
    ? accept(added, { type: 'task.pending', data: { taskId } })
    : accept(added);
};

export const removeDependency: Decide<'dependency.remove'> = (state, { taskId, dependsOn }) => {
  const task = openTask(state, taskId);
  if (isRefused(task)) return task;
  if (!task.dependencies.includes(dependsOn)) return refuse('dependency_not_found');
  const removed: NewEvent = { type: 'dependency.removed', data: { taskId, dependsOn } };
  const frees = task.status === 'pending' && task.waitingOn === 1 && state.tasks.has(dependsOn);
  return frees ? accept(removed, { type: 'task.ready', data: { taskId } }) : accept(removed);
};
