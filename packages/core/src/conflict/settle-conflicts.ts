import type { NewEvent } from '@agentmix/act-contract';
import { CONFLICT_ANSWER_MS, timestampOf } from '@agentmix/act-contract';
import { giveBack } from '../decide/holding.ts';
import type { ConflictState, ProjectState } from '../state.ts';
import { isBetweenAgents, judge, livePartiesOf, preemptionIn } from './rules.ts';
import type { Resolution } from './rules.ts';

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
export const judged = (state: ProjectState, conflict: ConflictState, now: number): NewEvent[] => {
  const verdict = judge(state, conflict);
  if ('resolution' in verdict) return resolved(state, conflict, verdict.resolution, 'rule');
  const deadline = timestampOf(now + CONFLICT_ANSWER_MS);
  return [{ type: 'conflict.escalated', data: { conflictId: conflict.id, ...verdict.question, deadline } }];
};

/** Questions that nobody has to answer any more, because those they are about are gone. */
export const settleConflicts = (state: ProjectState, events: readonly NewEvent[]): NewEvent[] => {
  if (state.conflicts.size === 0) return [];
  const gone = new Set(
    events.flatMap((event) => (event.type === 'agent.disconnected' ? (event.agentId ?? []) : [])),
  );
  if (gone.size === 0) return [];
  const isBack = (agentId: string): boolean =>
    events.some((event) => event.type === 'agent.registered' && event.agentId === agentId);
  const after: NewEvent[] = [];
  for (const conflict of state.conflicts.values()) {
    if (
      !isBetweenAgents(conflict) ||
      !conflict.agents.some((agentId) => gone.has(agentId) && !isBack(agentId))
    )
      continue;
    const left = livePartiesOf(state, conflict).filter((agentId) => !gone.has(agentId) || isBack(agentId));
    const [keeps] = left;
    if (left.length > 1) continue;
    const resolution =
      keeps === undefined
        ? { choice: 'nobody_left', reason: 'none of the agents is there any more' }
        : { choice: 'one_left', reason: 'the others are not there any more', keeps };
    after.push(...resolved(state, conflict, resolution, 'rule'));
  }
  return after;
};
