import { defined } from '../defined.ts';
import { DEFAULT_SETTINGS } from '../state.ts';
import { phaseCompletion } from './closing.ts';
import { accept, refuse } from './decision.ts';
import type { Decide } from './decision.ts';

const PHASES_MAX = 10_000;

export const createProject: Decide<'project.create'> = (state, input) => {
  if (state.seq > 0) return refuse('duplicate_id', 'a project with this id exists');
  const { name, description, settings } = input;
  return accept({
    type: 'project.created',
    data: {
      name,
      ...defined({ description }),
      settings: { ...DEFAULT_SETTINGS, ...defined(settings ?? {}) },
    },
  });
};

export const updateProject: Decide<'project.update'> = (_state, { settings, ...patch }) =>
  accept({
    type: 'project.updated',
    data: { ...defined(patch), ...(settings ? { settings: defined(settings) } : {}) },
  });

export const milestone: Decide<'project.milestone'> = (state, input) =>
  input.phaseId !== undefined && !state.phases.has(input.phaseId)
    ? refuse('phase_not_found', `no phase ${input.phaseId}`)
    : accept({ type: 'project.milestone', data: defined(input) });

export const createPhase: Decide<'phase.create'> = (state, input, { newId }) => {
  if (state.phases.size >= PHASES_MAX) return refuse('limit_reached', `at most ${PHASES_MAX} phases`);
  if (input.key !== undefined && state.phaseIdsByKey.has(input.key)) {
    return refuse('duplicate_key', 'a phase with this key exists', {
      phaseId: state.phaseIdsByKey.get(input.key),
    });
  }
  const unknown = input.dependencies.find((id) => !state.phases.has(id));
  if (unknown !== undefined) return refuse('phase_not_found', `no phase ${unknown}`);
  if (input.ownerAgentId !== undefined && !state.agents.has(input.ownerAgentId))
    return refuse('agent_not_found', `no agent ${input.ownerAgentId}`);
  return accept({
    type: 'phase.created',
    data: { ...defined(input), phaseId: newId(), dependencies: [...new Set(input.dependencies)] },
  });
};

export const updatePhase: Decide<'phase.update'> = (state, input) => {
  if (!state.phases.has(input.phaseId)) return refuse('phase_not_found', `no phase ${input.phaseId}`);
  if (input.ownerAgentId !== undefined && !state.agents.has(input.ownerAgentId))
    return refuse('agent_not_found', `no agent ${input.ownerAgentId}`);
  return accept({ type: 'phase.updated', data: defined(input) });
};

export const completePhase: Decide<'phase.complete'> = (state, { phaseId }) => {
  const phase = state.phases.get(phaseId);
  if (!phase) return refuse('phase_not_found', `no phase ${phaseId}`);
  if (phase.status === 'completed') return accept();
  if (phase.open.size > 0)
    return refuse('phase_has_open_tasks', `${phase.open.size} tasks are open`, { open: phase.open.size });
  return accept(...phaseCompletion(state, phase, phase.spent));
};
