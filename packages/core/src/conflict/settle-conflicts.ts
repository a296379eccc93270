import type { NewEvent } from '@agentmix/act-contract';
import { CONFLICT_ANSWER_MS, timestampOf } from '@agentmix/act-contract';
import { giveBack } from '../decide/holding.ts';
import type { ConflictState, ProjectState } from '../state.ts';
import { isBetweenAgents, judge, livePartiesOf, preemptionIn } from './rules.ts';
import type { Resolution } from './rules.ts';
import { sceneAfter } from './scene.ts';
import type { After, Scene } from './scene.ts';

/** The end of a conflict and what it changes: a task is unblocked, or given back by whoever is pre-empted. */
export const resolved = (
  state: ProjectState,
  conflict: ConflictState,
  { keeps, yields, taskId, ...resolution }: Resolution,
  by: 'rule' | 'person' | 'deadline',
): NewEvent[] => {
  const told = {
    ...resolution,
    by,
    ...(keeps === undefined ? {} : { keeps }),
    ...(yields === undefined ? {} : { yields: [...yields] }),
    ...(taskId === undefined ? {} : { taskId }),
  };
  const events: NewEvent[] = [
    { type: 'conflict.resolved', data: { conflictId: conflict.id, resolution: told } },
  ];
  if (resolution.choice === 'unblock' && taskId !== undefined)
    events.push({ type: 'task.unblocked', data: { taskId } });
  const preemption = resolution.choice === 'preempt' ? preemptionIn(state, conflict) : undefined;
  if (preemption)
    events.push(
      ...giveBack(state, preemption.task, 'released', { note: `pre-empted for ${preemption.urgent.id}` }),
    );
  return events;
};

/** What follows from a conflict at once: its rule resolves it, or puts a question with a deadline. */
export const judged = (
  state: ProjectState,
  conflict: ConflictState,
  now: number,
  scene: Scene = state,
): NewEvent[] => {
  const verdict = judge(scene, conflict);
  if ('resolution' in verdict) return resolved(state, conflict, verdict.resolution, 'rule');
  const deadline = timestampOf(now + CONFLICT_ANSWER_MS);
  return [{ type: 'conflict.escalated', data: { conflictId: conflict.id, ...verdict.question, deadline } }];
};

/** Agents that the events end, and that do not come back in them. */
const goneIn = (events: readonly NewEvent[]): Set<string> => {
  const gone = new Set<string>();
  for (const { type, agentId } of events)
    if (agentId !== undefined && type === 'agent.disconnected') gone.add(agentId);
    else if (agentId !== undefined && type === 'agent.registered') gone.delete(agentId);
  return gone;
};

const MOVES = new Set<NewEvent['type']>([
  'task.claimed',
  'task.completed',
  'task.released',
  'task.cancelled',
  'task.updated',
]);

/** Between agents of which at most one is left. */
const withoutAgents = (
  state: ProjectState,
  conflict: ConflictState,
  gone: ReadonlySet<string>,
): Resolution | undefined => {
  if (!isBetweenAgents(conflict) || !conflict.agents.some((agentId) => gone.has(agentId))) return undefined;
  const [keeps, ...others] = livePartiesOf(state, conflict).filter((agentId) => !gone.has(agentId));
  if (keeps === undefined) return { choice: 'nobody_left', reason: 'none of the agents is there any more' };
  return others.length > 0
    ? undefined
    : { choice: 'one_left', reason: 'the others are not there any more', keeps };
};

/** Whether to interrupt somebody, where nobody holds the less urgent task any more, or somebody took the urgent one. */
const withoutPreemption = (after: After, conflict: ConflictState): Resolution | undefined => {
  const isOffered = conflict.question?.options.some(({ id }) => id === 'preempt') ?? false;
  if (!isOffered || !conflict.taskIds.some((id) => after.touched.has(id))) return undefined;
  const preemption = preemptionIn(after, conflict);
  const isTaken = conflict.type === 'priority_mismatch' && preemption?.urgent.status === 'claimed';
  return preemption && !isTaken
    ? undefined
    : { choice: 'moved_on', reason: 'the urgent task does not wait for the held one any more' };
};

/** Questions that nobody has to answer any more, because what they are about is gone. */
export const settleConflicts = (
  state: ProjectState,
  events: readonly NewEvent[],
  now: number,
): NewEvent[] => {
  if (state.conflicts.size === 0) return [];
  const gone = goneIn(events);
  const moves = events.filter(({ type }) => MOVES.has(type));
  if (gone.size === 0 && moves.length === 0) return [];
  const isOver = (id: string): boolean =>
    events.some((event) => event.type === 'conflict.resolved' && event.data.conflictId === id);
  const after = sceneAfter(state, moves, now);
  return [...state.conflicts.values()].flatMap((conflict) => {
    const resolution = withoutAgents(state, conflict, gone) ?? withoutPreemption(after, conflict);
    return resolution && !isOver(conflict.id) ? resolved(state, conflict, resolution, 'rule') : [];
  });
};
