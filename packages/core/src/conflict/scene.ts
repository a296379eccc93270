import type { NewEvent } from '@agentmix/act-contract';
import { newTask } from '../evolve/task.ts';
import type { AgentState, ProjectState, TaskState } from '../state.ts';

/** What a rule looks at: a project’s state, or what a decision will make of it. */
export interface Scene {
  readonly tasks: Pick<ReadonlyMap<string, TaskState>, 'get'>;
  readonly agents: Pick<ReadonlyMap<string, AgentState>, 'get'>;
}

const free = { agentId: undefined, sessionId: undefined, claimedAt: undefined } as const;

const opened = (task: TaskState): TaskState => ({
  ...task,
  ...free,
  status: task.waitingOn === 0 ? 'ready' : 'pending',
});

const urgencyOf = (state: ProjectState, { dependents }: TaskState, priority: number): number => {
  let urgency = priority;
  for (const id of dependents) urgency = Math.min(urgency, state.tasks.get(id)?.urgency ?? urgency);
  return urgency;
};

/** The task that an event leaves; undefined where the event is none about a task, or no rule looks at what it says. */
const taskAfter = (
  state: ProjectState,
  event: NewEvent,
  known: TaskState | undefined,
  seq: number,
  now: number,
): TaskState | undefined => {
  if (event.type === 'task.created') return newTask(event.data, seq, now);
  if (!known) return undefined;
  const { type, agentId } = event;
  if (type === 'task.claimed')
    return { ...known, status: 'claimed', agentId, sessionId: event.data.sessionId, claimedAt: now };
  if (type === 'task.blocked')
    return { ...known, status: 'blocked', blockedBy: agentId, waitingFor: event.data.waitingFor };
  if (type === 'task.released' || type === 'task.unblocked' || type === 'task.retried') return opened(known);
  if (type === 'task.ready') return { ...known, status: 'ready' };
  if (type === 'task.pending') return { ...known, status: 'pending' };
  if (type === 'task.failed') return { ...known, status: 'failed' };
  if (type === 'task.completed') return { ...known, ...free, status: 'completed' };
  if (type === 'task.cancelled') return { ...known, ...free, status: 'cancelled' };
  if (type !== 'task.updated') return undefined;
  const { priority = known.priority, requires = known.requires } = event.data;
  return { ...known, requires, priority, urgency: urgencyOf(state, known, priority) };
};

export interface After extends Scene {
  /** The tasks that the decision touches, as it leaves them. */
  readonly touched: ReadonlyMap<string, TaskState>;
}

/** The tasks as a decision will leave them, as far as rules look at them. */
export const sceneAfter = (state: ProjectState, events: readonly NewEvent[], now: number): After => {
  const touched = new Map<string, TaskState>();
  const get = (id: string): TaskState | undefined => touched.get(id) ?? state.tasks.get(id);
  events.forEach((event, at) => {
    if (!('taskId' in event.data) || event.data.taskId === undefined) return;
    const task = taskAfter(state, event, get(event.data.taskId), state.seq + 1 + at, now);
    if (task) touched.set(task.id, task);
  });
  return { touched, tasks: { get }, agents: state.agents };
};
