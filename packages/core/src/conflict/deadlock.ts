import type { NewEvent } from '@agentmix/act-contract';
import type { ProjectState } from '../state.ts';
import type { After } from './scene.ts';

/**
 * One agent waits for another with a blocked task. Regions of files are no waits of this kind: a reservation ends by
 * itself, a blocked task does not.
 */
export interface Wait {
  readonly agentId: string;
  readonly waitsFor: string;
  readonly taskId: string;
}

/** Waits that a decision adds. Whoever says to wait for itself stands in nobody’s way. */
export const newWaits = (events: readonly NewEvent[]): Wait[] =>
  events.flatMap(({ type, agentId, data }): Wait[] => {
    if (type !== 'task.blocked' || agentId === undefined) return [];
    const { taskId, waitingFor = agentId } = data;
    return waitingFor === agentId ? [] : [{ agentId, waitsFor: waitingFor, taskId }];
  });

const waitsOf = (
  { index }: ProjectState,
  after: After,
  added: readonly Wait[],
  agentId: string,
): readonly Wait[] => {
  const known = [...(index.blocked.get(agentId) ?? [])].flatMap((taskId): Wait[] => {
    const task = after.tasks.get(taskId);
    if (task?.status !== 'blocked' || task.waitingFor === undefined) return [];
    return [{ agentId, waitsFor: task.waitingFor, taskId }];
  });
  return [...known, ...added.filter((wait) => wait.agentId === agentId)];
};

/**
 * The shortest circle of agents that a new wait closes, as its waits in order, when the tasks that are `freed` wait no
 * more: from whom it waits for, breadth first, back to who waits. None where it closes none.
 */
export const circleOf = (
  state: ProjectState,
  after: After,
  added: readonly Wait[],
  closing: Wait,
  freed: ReadonlySet<string>,
): Wait[] => {
  if (freed.has(closing.taskId)) return [];
  const reached = new Map<string, Wait[]>([[closing.waitsFor, [closing]]]);
  for (const [agentId, way] of reached)
    for (const wait of waitsOf(state, after, added, agentId)) {
      if (freed.has(wait.taskId)) continue;
      if (wait.waitsFor === closing.agentId) return [...way, wait];
      if (!reached.has(wait.waitsFor)) reached.set(wait.waitsFor, [...way, wait]);
    }
  return [];
};
