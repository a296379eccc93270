import { z } from 'zod';
import { command } from '../define.ts';
import { ProjectSettings } from '../entities.ts';
import * as s from '../scalars.ts';

export const projectCreate = command({
  name: 'project.create',
  summary: 'Create a project',
  route: { method: 'POST', path: '/projects' },
  role: 'owner',
  input: z
    .object({
      projectId: s.ProjectId.optional(),
      name: s.Title,
      description: s.Description.optional(),
      settings: ProjectSettings.partial().optional(),
    })
    .strict(),
  output: z.object({ projectId: s.ProjectId }),
  refusals: ['duplicate_id'],
});

export const projectUpdate = command({
  name: 'project.update',
  summary: 'Change a project’s name, description, settings, or archive it',
  route: { method: 'PATCH', path: '/projects/{projectId}' },
  role: 'admin',
  input: z
    .object({
      name: s.Title.optional(),
      description: s.Description.optional(),
      status: z.enum(['active', 'archived']).optional(),
      settings: ProjectSettings.partial().optional(),
    })
    .strict(),
  output: z.object({}),
  refusals: [],
});

export const projectMilestone = command({
  name: 'project.milestone',
  summary: 'Announce a milestone to every member',
  route: { method: 'POST', path: '/projects/{projectId}/milestones' },
  role: 'coordinator',
  input: z.object({ name: s.Title, phaseId: s.PhaseId.optional() }).strict(),
  output: z.object({}),
  refusals: ['phase_not_found'],
});
