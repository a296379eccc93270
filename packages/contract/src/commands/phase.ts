import { z } from 'zod';
import { command } from '../define.ts';
import { DEPENDENCIES_MAX } from '../limits.ts';
import * as s from '../scalars.ts';

export const phaseCreate = command({
  name: 'phase.create',
  summary: 'Create a phase: a group of tasks that completes when they do',
  route: { method: 'POST', path: '/projects/{projectId}/phases' },
  role: 'coordinator',
  input: z
    .object({
      key: s.Key.optional(),
      name: s.Title,
      description: s.Description.optional(),
      ownerAgentId: s.AgentId.optional(),
      dependencies: z.array(s.PhaseId).max(DEPENDENCIES_MAX).default([]),
      estimatedEffort: s.Minutes.optional(),
    })
    .strict(),
  output: z.object({ phaseId: s.PhaseId }),
  refusals: ['phase_not_found', 'agent_not_found', 'duplicate_key', 'limit_reached'],
});

export const phaseUpdate = command({
  name: 'phase.update',
  summary: 'Change a phase’s name, description, owner or estimate',
  route: { method: 'PATCH', path: '/projects/{projectId}/phases/{phaseId}' },
  role: 'coordinator',
  input: z
    .object({
      phaseId: s.PhaseId,
      name: s.Title.optional(),
      description: s.Description.optional(),
      ownerAgentId: s.AgentId.optional(),
      estimatedEffort: s.Minutes.optional(),
    })
    .strict(),
  output: z.object({}),
  refusals: ['phase_not_found', 'agent_not_found'],
});

export const phaseComplete = command({
  name: 'phase.complete',
  summary: 'Complete a phase that has no open task; a phase with tasks completes by itself',
  route: { method: 'POST', path: '/projects/{projectId}/phases/{phaseId}/complete' },
  role: 'coordinator',
  input: z.object({ phaseId: s.PhaseId }).strict(),
  output: z.object({}),
  refusals: ['phase_not_found', 'phase_has_open_tasks'],
});
