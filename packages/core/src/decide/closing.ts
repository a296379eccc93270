import type { NewEvent } from '@agentmix/act-contract';
import { minutesBetween } from '../evolve/task.ts';
import type { PhaseState, ProjectState, TaskState } from '../state.ts';

/** Tasks that become ready when each of these stops waiting for so many things. */
const nowReady = (state: ProjectState, freed: ReadonlyMap<string, number>): NewEvent[] => {
  const events: NewEvent[] = [];
  for (const [taskId, count] of freed) {
    const task = state.tasks.get(taskId);
    if (task?.status === 'pending' && task.waitingOn === count)
      events.push({ type: 'task.ready', data: { taskId } });
  }
  return events;
};

const freeTasksOfDependents = (state: ProjectState, phase: PhaseState, freed: Map<string, number>): void => {
  for (const phaseId of phase.dependents) {
    for (const taskId of state.phases.get(phaseId)?.open ?? [])
      freed.set(taskId, (freed.get(taskId) ?? 0) + 1);
  }
};

/** What follows when a phase completes: the milestone, and tasks of phases that waited for it. */
export const phaseCompletion = (
  state: ProjectState,
  phase: PhaseState,
  actualEffort: number,
  freed = new Map<string, number>(),
): NewEvent[] => {
  freeTasksOfDependents(state, phase, freed);
  return [
    { type: 'phase.completed', data: { phaseId: phase.id, actualEffort } },
    { type: 'project.milestone', data: { name: phase.name, phaseId: phase.id } },
    ...nowReady(state, freed),
  ];
};

/** What follows when a task is completed or cancelled: tasks that waited for it, and its phase. */
export const taskClosing = (
  state: ProjectState,
  task: TaskState,
  now: number,
  isCompleted: boolean,
): NewEvent[] => {
  const freed = new Map<string, number>();
  for (const id of task.dependents) freed.set(id, 1);
  const phase = task.phaseId === undefined ? undefined : state.phases.get(task.phaseId);
  if (phase?.status !== 'active' || phase.open.size > 1) return nowReady(state, freed);
  const spent = phase.spent + (isCompleted ? minutesBetween(task.claimedAt, now) : 0);
  return phaseCompletion(state, phase, spent, freed);
};
