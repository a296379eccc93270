import type { ProjectState, SessionState, TaskState } from '../state.ts';
import { canServe, isNeeded } from './assignment-index.ts';
import type { Demand, Supply } from './assignment-index.ts';
import { compatibility } from './compatibility.ts';

export interface Choice {
  readonly task: TaskState;
  readonly reasons: string[];
}

interface Queue {
  readonly key: string;
  readonly demand: Demand;
  /** Minutes that wait for the least asked-for agents able to do this: how scarce its skill is. */
  scarcity: number;
  /** Ready tasks already given, in thought, to other seekers. */
  taken: number;
}

interface Group {
  readonly supply: Supply;
  /** Expected minutes of work that wait for one of these agents. */
  asked: number;
  readonly seekers: string[];
}

interface Market {
  readonly queues: Queue[];
  readonly groups: Group[];
}

/**
 * Demand and supply now. `asked` of an agent is D(a) = Σ over unstarted tasks it can do of size ÷ number of live
 * agents able to do it; the scarcity of a requirement is the least D(a) among those able to meet it. Where all
 * agents can do the same, it does not matter who else seeks.
 */
const marketOf = (state: ProjectState, seeking: ReadonlySet<string>, caller: string): Market => {
  const queues = [...state.index.demands].map(([key, demand]): Queue => ({
    key,
    demand,
    scarcity: 0,
    taken: 0,
  }));
  const groups = [...state.index.supplies.values()].map((supply): Group => ({
    supply,
    asked: 0,
    seekers: [],
  }));
  const [only, ...others] = groups;
  if (only && others.length === 0) only.seekers.push(caller);
  else
    for (const id of new Set([...seeking, caller]))
      groups.find(({ supply }) => supply.sessions.has(id))?.seekers.push(id);
  for (const queue of queues) {
    const able = groups.filter(({ supply }) => canServe(supply, queue.key, queue.demand));
    const agents = able.reduce((sum, { supply }) => sum + supply.sessions.size, 0);
    for (const group of able) group.asked += queue.demand.minutes / agents;
  }
  // Sums of thirds must not break ties at random.
  for (const group of groups) group.asked = Math.round(group.asked * 1e6) / 1e6;
  for (const queue of queues) {
    const able = groups.filter(({ supply }) => canServe(supply, queue.key, queue.demand));
    queue.scarcity = able.reduce((least, { asked }) => Math.min(least, asked), Infinity);
  }
  return { queues, groups };
};

/** The most important ready task that someone still seeking can do. */
const bestQueue = (
  state: ProjectState,
  queues: readonly Queue[],
  isServed: (queue: Queue) => boolean,
): { queue: Queue; task: TaskState } | undefined => {
  let best: { queue: Queue; task: TaskState } | undefined;
  for (const queue of queues) {
    const task = queue.demand.ready.at(queue.taken);
    if (!task || !isServed(queue)) continue;
    if (!best || comesFirst(state, task, queue, best.task, best.queue)) best = { queue, task };
  }
  return best;
};

const comesFirst = (
  state: ProjectState,
  a: TaskState,
  queueOfA: Queue,
  b: TaskState,
  queueOfB: Queue,
): boolean => {
  if (a.urgency !== b.urgency) return a.urgency < b.urgency;
  if (state.settings.policy === 'flow') {
    if (isNeeded(a) !== isNeeded(b)) return isNeeded(a);
    const left = a.level + queueOfA.scarcity;
    const right = b.level + queueOfB.scarcity;
    if (left !== right) return left > right;
  }
  return a.order < b.order;
};

/** Which seeker should do it: by flow the least asked-for, by weighted the one with the highest score. */
const bestSeeker = (
  state: ProjectState,
  market: Market,
  queue: Queue,
  task: TaskState,
  caller: string,
): { group: Group; sessionId: string } | undefined => {
  const able = market.groups.filter(
    (group) => group.seekers.length > 0 && canServe(group.supply, queue.key, queue.demand),
  );
  if (state.settings.policy === 'flow') {
    const least = able.reduce((minutes, { asked }) => Math.min(minutes, asked), Infinity);
    const tied = able.filter(({ asked }) => asked === least);
    const group = tied.find(({ seekers }) => seekers.includes(caller)) ?? tied[0];
    const sessionId = group?.seekers.includes(caller) ? caller : group?.seekers[0];
    return group && sessionId !== undefined ? { group, sessionId } : undefined;
  }
  const scored = able.flatMap((group) =>
    group.seekers.map((sessionId) => ({
      group,
      sessionId,
      score: compatibility(state, sessionId, task).score,
    })),
  );
  return scored.reduce<(typeof scored)[number] | undefined>(
    (best, one) =>
      !best || one.score > best.score || (one.score === best.score && one.sessionId === caller) ? one : best,
    undefined,
  );
};

const explain = (state: ProjectState, session: SessionState, task: TaskState, queue: Queue): string[] => {
  if (state.settings.policy === 'weighted') return compatibility(state, session.id, task).reasons;
  const reasons = [
    `priority ${task.urgency}${task.urgency < task.priority ? ' (inherited from what waits for it)' : ''}`,
  ];
  reasons.push(`${task.level} min to the end of the plan`);
  if (task.dependents.size > 0) reasons.push(`${task.dependents.size} tasks wait for it`);
  if (task.requires.length > 0)
    reasons.push(`skill asked for by ${Math.round(queue.scarcity)} minutes of work per agent`);
  if (task.checkpoint) reasons.push('it was begun before: go on from its checkpoint');
  return reasons;
};

/**
 * The best ready task for this session. Tasks are taken in order of importance, each goes to the best of those who
 * seek, until the caller gets one: list scheduling by critical path and skill scarcity, after Graham (1966) and the
 * dispatching rules of multi-skill project scheduling. If others would take everything the caller can do, it gets
 * the best of that all the same: no call leaves a ready task that its caller could do.
 */
export const chooseTask = (
  state: ProjectState,
  session: SessionState,
  seeking: ReadonlySet<string>,
): Choice | undefined => {
  const market = marketOf(state, seeking, session.id);
  const own = market.groups.find(({ supply }) => supply.sessions.has(session.id));
  if (!own) return undefined;
  const fallback = bestQueue(state, market.queues, (queue) => canServe(own.supply, queue.key, queue.demand));
  if (!fallback) return undefined;
  const mine = { task: fallback.task, reasons: explain(state, session, fallback.task, fallback.queue) };
  // Where all agents can do the same, nobody is better for it.
  if (market.groups.length === 1) return mine;
  const isServed = (queue: Queue): boolean =>
    market.groups.some(
      (group) => group.seekers.length > 0 && canServe(group.supply, queue.key, queue.demand),
    );
  for (
    let best = bestQueue(state, market.queues, isServed);
    best;
    best = bestQueue(state, market.queues, isServed)
  ) {
    const seeker = bestSeeker(state, market, best.queue, best.task, session.id);
    if (!seeker) break;
    if (seeker.sessionId === session.id)
      return { task: best.task, reasons: explain(state, session, best.task, best.queue) };
    best.queue.taken++;
    seeker.group.seekers.splice(seeker.group.seekers.indexOf(seeker.sessionId), 1);
  }
  return mine;
};
