import type { Capability, ProjectSettings } from '@agentmix/act-contract';
import { capabilityKey, isCapable } from '../capabilities.ts';
import { emptyKnownWork } from './known-work.ts';
import type { KnownWork } from './known-work.ts';
import { ReadyQueue } from './ready-queue.ts';
import type { IsBefore } from './ready-queue.ts';
import type { ProjectState, SessionState, TaskState } from '../state.ts';

/** What a task without an estimate counts as, in minutes. */
export const DEFAULT_ESTIMATE_MINUTES = 30;
export const sizeOf = (task: TaskState): number => task.estimatedTime ?? DEFAULT_ESTIMATE_MINUTES;

/** Tasks that require the same: the unit in which demand and queues are kept. */
export interface Demand {
  readonly requires: readonly Capability[];
  /** Minutes of all its tasks that are not started. */
  minutes: number;
  count: number;
  /** Its ready tasks in the order of the project’s policy. */
  readonly ready: ReadyQueue;
}

/** Live sessions that can do the same. */
export interface Supply {
  readonly capabilities: readonly Capability[];
  readonly sessions: Set<string>;
  /** Which demands it can serve, by key; filled when first asked. */
  readonly serves: Map<string, boolean>;
}

export interface AssignmentIndex {
  readonly demands: Map<string, Demand>;
  readonly supplies: Map<string, Supply>;
  /** Tasks that someone holds. */
  claimed: number;
  /** How many of them have each urgency, 0 the most urgent. */
  readonly claimedByUrgency: number[];
  /** Blocked tasks that wait for an agent, by the agent that blocked them. */
  readonly blocked: Map<string, Set<string>>;
  readonly work: KnownWork;
}

export const makeAssignmentIndex = (): AssignmentIndex => ({
  demands: new Map(),
  supplies: new Map(),
  claimed: 0,
  claimedByUrgency: [0, 0, 0, 0, 0],
  blocked: new Map(),
  work: emptyKnownWork(),
});

type Policy = ProjectSettings['policy'];

/** Whether nothing says that the task is perhaps done already. */
export const isNeeded = ({ settled }: TaskState): boolean => settled === undefined;

/**
 * Order of the ready queue: urgency, then by flow what is not perhaps done already and the longest way to go, or by
 * weighted the first to arrive.
 */
const isBefore =
  (policy: Policy): IsBefore =>
  (a, b) => {
    if (a.urgency !== b.urgency) return a.urgency < b.urgency;
    if (policy === 'flow' && isNeeded(a) !== isNeeded(b)) return isNeeded(a);
    if (policy === 'flow' && a.level !== b.level) return a.level > b.level;
    return a.order < b.order;
  };
const ORDERS: Readonly<Record<Policy, IsBefore>> = { flow: isBefore('flow'), weighted: isBefore('weighted') };
const orderOf = ({ settings }: ProjectState): IsBefore => ORDERS[settings.policy];

const hold = ({ index }: ProjectState, task: TaskState, by: 1 | -1): void => {
  index.claimed += by;
  index.claimedByUrgency[task.urgency] = (index.claimedByUrgency[task.urgency] ?? 0) + by;
};

const unlistBlocked = ({ index }: ProjectState, { id, blockedBy = '' }: TaskState): void => {
  const own = index.blocked.get(blockedBy);
  if (own?.delete(id) && own.size === 0) index.blocked.delete(blockedBy);
};

const enlistBlocked = ({ index }: ProjectState, { id, blockedBy, waitingFor }: TaskState): void => {
  if (blockedBy === undefined || waitingFor === undefined) return;
  const own = index.blocked.get(blockedBy);
  if (own) own.add(id);
  else index.blocked.set(blockedBy, new Set([id]));
};

const isUnstarted = (task: TaskState): boolean => task.status === 'pending' || task.status === 'ready';

/**
 * Takes a task out of the index, as it is now. Every change of what the index depends on (status, level,
 * urgency, requirements, estimate) stands between `unlist` and `enlist`.
 */
export const unlist = (state: ProjectState, task: TaskState): void => {
  if (task.status === 'claimed') hold(state, task, -1);
  if (task.status === 'blocked') unlistBlocked(state, task);
  if (!isUnstarted(task)) return;
  const key = capabilityKey(task.requires);
  const demand = state.index.demands.get(key);
  if (!demand) return;
  demand.minutes -= sizeOf(task);
  demand.count--;
  if (task.status === 'ready') demand.ready.delete(task, orderOf(state));
  if (demand.count === 0) state.index.demands.delete(key);
};

export const enlist = (state: ProjectState, task: TaskState): void => {
  if (task.status === 'claimed') hold(state, task, 1);
  if (task.status === 'blocked') enlistBlocked(state, task);
  if (!isUnstarted(task)) return;
  const key = capabilityKey(task.requires);
  let demand = state.index.demands.get(key);
  if (!demand) {
    demand = { requires: task.requires, minutes: 0, count: 0, ready: new ReadyQueue() };
    state.index.demands.set(key, demand);
  }
  demand.minutes += sizeOf(task);
  demand.count++;
  if (task.status === 'ready') demand.ready.add(task, orderOf(state));
};

/** Sorts the ready queues anew, after the policy changed. */
export const reorder = (state: ProjectState): void => {
  for (const { ready } of state.index.demands.values()) ready.sort(orderOf(state));
};

const refresh = (state: ProjectState, task: TaskState): boolean => {
  let tail = 0;
  let urgency = task.priority;
  for (const id of task.dependents) {
    const dependent = state.tasks.get(id);
    if (!dependent) continue;
    tail = Math.max(tail, dependent.level);
    urgency = Math.min(urgency, dependent.urgency);
  }
  const level = sizeOf(task) + tail;
  if (level === task.level && urgency === task.urgency) return false;
  unlist(state, task);
  task.level = level;
  task.urgency = urgency;
  enlist(state, task);
  return true;
};

/** Recomputes level and urgency of these tasks and, as far as they change, of what comes before them. */
export const propagate = (state: ProjectState, ids: Iterable<string>): void => {
  const waiting = [...ids];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    const task = state.tasks.get(id);
    if (task && refresh(state, task)) waiting.push(...task.dependencies);
  }
};

export const addSupply = (state: ProjectState, session: SessionState): void => {
  const capabilities = state.agents.get(session.agentId)?.capabilities ?? [];
  const key = capabilityKey(capabilities);
  const supply = state.index.supplies.get(key) ?? { capabilities, sessions: new Set(), serves: new Map() };
  supply.sessions.add(session.id);
  state.index.supplies.set(key, supply);
};

export const removeSupply = (state: ProjectState, session: SessionState): void => {
  const key = capabilityKey(state.agents.get(session.agentId)?.capabilities ?? []);
  const supply = state.index.supplies.get(key);
  supply?.sessions.delete(session.id);
  if (supply?.sessions.size === 0) state.index.supplies.delete(key);
};

export const canServe = (supply: Supply, key: string, { requires }: Pick<Demand, 'requires'>): boolean => {
  const known = supply.serves.get(key);
  if (known !== undefined) return known;
  const answer = isCapable(supply.capabilities, requires);
  // A project with ever new requirement sets must not grow this cache without end.
  if (supply.serves.size > 10_000) supply.serves.clear();
  supply.serves.set(key, answer);
  return answer;
};
