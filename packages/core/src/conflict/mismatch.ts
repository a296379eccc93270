import type { NewEvent } from '@agentmix/act-contract';
import { canServe } from '../assignment/assignment-index.ts';
import { capabilityKey } from '../capabilities.ts';
import type { ProjectState, SessionState, TaskState } from '../state.ts';
import { FAR_MORE_URGENT } from './rules.ts';
import type { After } from './scene.ts';

const MAKES_READY = new Set<NewEvent['type']>([
  'task.created',
  'task.ready',
  'task.released',
  'task.unblocked',
  'task.retried',
  'task.updated',
]);

/** More urgent than the usual 2: what is no more than that interrupts nobody. */
const URGENT_MAX = 1;

const isHeldFarBelow = ({ index }: ProjectState, urgency: number): boolean =>
  index.claimedByUrgency.some((count, held) => count > 0 && held - urgency >= FAR_MORE_URGENT);

/** Whether an event may make a task ready that is far more urgent than one that somebody holds: by its urgency at most. */
export const mayMismatch = (state: ProjectState, { type, data }: NewEvent): boolean => {
  if (!MAKES_READY.has(type)) return false;
  const known = 'taskId' in data ? state.tasks.get(data.taskId ?? '') : undefined;
  const said = 'priority' in data ? data.priority : undefined;
  const urgency = Math.min(known?.urgency ?? said ?? 0, said ?? Infinity);
  return urgency <= URGENT_MAX && isHeldFarBelow(state, urgency);
};

/** The most urgent task that the decision makes ready, or more urgent, if somebody holds a far less urgent one. */
const urgentIn = (state: ProjectState, events: readonly NewEvent[], after: After): TaskState | undefined => {
  const ready = events.flatMap(({ type, data }) => {
    const task = MAKES_READY.has(type) && 'taskId' in data ? after.touched.get(data.taskId ?? '') : undefined;
    if (task?.status !== 'ready' || task.urgency > URGENT_MAX) return [];
    const before = state.tasks.get(task.id);
    return before?.status === 'ready' && before.urgency <= task.urgency ? [] : [task];
  });
  const [urgent] = ready.toSorted((a, b) => a.urgency - b.urgency || a.order - b.order);
  return urgent && isHeldFarBelow(state, urgent.urgency) ? urgent : undefined;
};

/** Live sessions able to do it, those that the decision ends left out. */
function* capableSessions(
  state: ProjectState,
  events: readonly NewEvent[],
  { requires }: TaskState,
): Iterable<SessionState> {
  const ended = new Set(
    events.flatMap((event) => (event.type === 'agent.disconnected' ? [event.data.sessionId] : [])),
  );
  const key = capabilityKey(requires);
  for (const supply of state.index.supplies.values())
    if (canServe(supply, key, { requires }))
      for (const id of supply.sessions) {
        const session = ended.has(id) ? undefined : state.sessions.get(id);
        if (session) yield session;
      }
}

/** What these sessions hold after the decision; nothing when one of them is idle. */
const workOf = (sessions: Iterable<SessionState>, after: After): TaskState[] => {
  const work: TaskState[] = [];
  for (const session of sessions) {
    const held = [...session.held].flatMap((id) => after.tasks.get(id) ?? []);
    const own = held.filter(({ status }) => status === 'claimed');
    if (own.length === 0) return [];
    work.push(...own);
  }
  return work;
};

/**
 * A task that became ready, far more urgent than what its only capable agents do, and none of them idle: the least
 * urgent of their tasks might make way. Whoever has just registered will ask for work and get it.
 */
export const mismatchIn = (
  state: ProjectState,
  events: readonly NewEvent[],
  after: After,
): { readonly urgent: TaskState; readonly held: TaskState } | undefined => {
  const urgent = urgentIn(state, events, after);
  if (!urgent || events.some(({ type }) => type === 'agent.registered' || type === 'task.claimed'))
    return undefined;
  const asked = new Set(
    [...state.conflicts.values()].flatMap(({ type, taskIds }) =>
      type === 'priority_mismatch' ? taskIds : [],
    ),
  );
  if (asked.has(urgent.id)) return undefined;
  const [held] = workOf(capableSessions(state, events, urgent), after)
    .filter(({ id }) => !asked.has(id))
    .toSorted((a, b) => b.urgency - a.urgency || b.order - a.order);
  return held && held.urgency - urgent.urgency >= FAR_MORE_URGENT ? { urgent, held } : undefined;
};
