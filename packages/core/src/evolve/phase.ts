import type { EventData } from '@agentmix/act-contract';
import type { Changes } from '../changes.ts';
import type { PhaseState, ProjectState } from '../state.ts';
import { defined } from '../defined.ts';

export const attachPhase = (state: ProjectState, phase: PhaseState): void => {
  state.phases.set(phase.id, phase);
  if (phase.key !== undefined) state.phaseIdsByKey.set(phase.key, phase.id);
  for (const id of phase.dependencies) state.phases.get(id)?.dependents.add(phase.id);
};

export const phaseCreated = (
  state: ProjectState,
  data: EventData<'phase.created'>,
  seq: number,
  at: number,
  changes: Changes,
): void => {
  const { phaseId, ...body } = data;
  const phase: PhaseState = {
    ...defined(body),
    id: phaseId,
    order: seq,
    createdAt: at,
    status: 'active',
    open: new Set(),
    spent: 0,
    dependents: new Set(),
  };
  attachPhase(state, phase);
  changes.phases.set(phaseId, phase);
  changes.created.add(phaseId);
};

const phaseOf = (state: ProjectState, id: string, changes: Changes): PhaseState => {
  const phase = state.phases.get(id);
  if (!phase) throw new Error(`event about unknown phase ${id} in project ${state.id}`);
  changes.phases.set(id, phase);
  return phase;
};

export const phaseUpdated = (
  state: ProjectState,
  data: EventData<'phase.updated'>,
  changes: Changes,
): void => {
  const { phaseId, ...patch } = data;
  Object.assign(phaseOf(state, phaseId, changes), defined(patch));
};

export const phaseCompleted = (
  state: ProjectState,
  data: EventData<'phase.completed'>,
  at: number,
  changes: Changes,
): void => {
  const phase = phaseOf(state, data.phaseId, changes);
  phase.status = 'completed';
  phase.completedAt = at;
  phase.actualEffort = data.actualEffort;
  for (const id of phase.dependents) {
    for (const taskId of state.phases.get(id)?.open ?? []) {
      const task = state.tasks.get(taskId);
      if (task) task.waitingOn--;
    }
  }
};
