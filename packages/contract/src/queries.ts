import { z } from 'zod';
import { query } from './define.ts';
import * as e from './entities.ts';
import { events } from './events.ts';
import type { EventType } from './events.ts';
import { PAGE_ITEMS_DEFAULT, PAGE_ITEMS_MAX } from './limits.ts';
import { Reservation } from './reservation-entities.ts';
import { Prediction } from './worktree-entities.ts';
import * as s from './scalars.ts';

export * from './agent-briefing.ts';
export * from './audit-queries.ts';

const page = {
  limit: z.coerce.number().int().min(1).max(PAGE_ITEMS_MAX).default(PAGE_ITEMS_DEFAULT),
  after: s.Path.optional().meta({ description: 'The `next` of the page before' }),
};
const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), next: z.string().optional() });
const get = (path: string) => ({ method: 'GET', path }) as const;
const none = z.object({}).strict();
const flag = z.union([z.boolean(), z.stringbool()]).default(false);

export const projectList = query({
  name: 'project.list',
  summary: 'The projects that the caller is a member of; all for an owner of the hub',
  route: get('/projects'),
  role: 'viewer',
  input: z.object(page).strict(),
  output: pageOf(e.Project),
  refusals: [],
});
export const projectGet = query({
  name: 'project.get',
  summary: 'One project',
  route: get('/projects/{projectId}'),
  role: 'viewer',
  input: none,
  output: e.Project,
  refusals: [],
});
export const projectSnapshot = query({
  name: 'project.snapshot',
  summary: 'The project with its phases, agents and open tasks at one cursor, from which a stream can go on',
  route: get('/projects/{projectId}/snapshot'),
  role: 'viewer',
  input: none,
  output: z.object({
    seq: s.Seq,
    project: e.Project,
    phases: z.array(e.Phase),
    agents: z.array(e.Agent),
    tasks: z.array(e.Task),
    counts: e.Counts,
  }),
  refusals: [],
});
export const memberList = query({
  name: 'member.list',
  summary: 'The members of a project',
  route: get('/projects/{projectId}/members'),
  role: 'coordinator',
  input: z.object(page).strict(),
  output: pageOf(e.Member),
  refusals: [],
});
export const keyList = query({
  name: 'key.list',
  summary: 'The API keys of a project, without their secrets',
  route: get('/projects/{projectId}/keys'),
  role: 'admin',
  input: z.object(page).strict(),
  output: pageOf(e.ApiKey),
  refusals: [],
});
export const phaseList = query({
  name: 'phase.list',
  summary: 'The phases of a project',
  route: get('/projects/{projectId}/phases'),
  role: 'viewer',
  input: z.object(page).strict(),
  output: pageOf(e.Phase),
  refusals: [],
});
export const taskList = query({
  name: 'task.list',
  summary: 'Tasks in the order of their ids',
  route: get('/projects/{projectId}/tasks'),
  role: 'viewer',
  input: z
    .object({
      ...page,
      status: z.enum(e.TASK_STATUSES).optional(),
      phaseId: s.PhaseId.optional(),
      key: s.Key.optional(),
    })
    .strict(),
  output: pageOf(e.Task),
  refusals: [],
});
export const taskGet = query({
  name: 'task.get',
  summary: 'One task',
  route: get('/projects/{projectId}/tasks/{taskId}'),
  role: 'viewer',
  input: z.object({ taskId: s.TaskId }).strict(),
  output: e.Task,
  refusals: ['task_not_found'],
});
export const agentList = query({
  name: 'agent.list',
  summary: 'The agents of a project',
  route: get('/projects/{projectId}/agents'),
  role: 'viewer',
  input: z.object({ ...page, agentId: s.AgentId.optional() }).strict(),
  output: pageOf(e.Agent),
  refusals: [],
});
export const messageList = query({
  name: 'message.list',
  summary: 'An agent’s inbox: messages to it and broadcasts of others',
  route: get('/projects/{projectId}/messages'),
  role: 'agent',
  input: z
    .object({
      ...page,
      agentId: s.AgentId,
      unread: flag.meta({ description: 'Only messages to it that it has not read' }),
      toAll: flag.meta({ description: 'Only broadcasts' }),
      newestFirst: flag.meta({ description: 'Otherwise the oldest first' }),
    })
    .strict(),
  output: pageOf(e.Message),
  refusals: [],
});
export const assistanceList = query({
  name: 'assistance.list',
  summary: 'Requests for help',
  route: get('/projects/{projectId}/assistance'),
  role: 'viewer',
  input: z.object(page).strict(),
  output: pageOf(e.Assistance),
  refusals: [],
});
export const stateList = query({
  name: 'state.list',
  summary: 'The shared live state',
  route: get('/projects/{projectId}/state'),
  role: 'viewer',
  input: z.object(page).strict(),
  output: pageOf(e.StateEntry),
  refusals: [],
});
export const stateGet = query({
  name: 'state.get',
  summary: 'One key of the shared live state',
  route: get('/projects/{projectId}/state/{key}'),
  role: 'viewer',
  input: z.object({ key: s.Key }).strict(),
  output: e.StateEntry,
  refusals: ['key_not_found'],
});
export const fileList = query({
  name: 'file.list',
  summary: 'Files that agents reported',
  route: get('/projects/{projectId}/files'),
  role: 'viewer',
  input: z.object(page).strict(),
  output: pageOf(e.FileWatch),
  refusals: [],
});
export const conflictList = query({
  name: 'conflict.list',
  summary: 'Conflicts of a project',
  route: get('/projects/{projectId}/conflicts'),
  role: 'viewer',
  input: z.object(page).strict(),
  output: pageOf(e.Conflict),
  refusals: [],
});

export const reservationList = query({
  name: 'reservation.list',
  summary: 'Reserved regions of files, and who waits for some, in the order of their ids',
  route: get('/projects/{projectId}/reservations'),
  role: 'viewer',
  input: z.object({ ...page, path: s.Path.optional(), agentId: s.AgentId.optional() }).strict(),
  output: pageOf(Reservation),
  refusals: [],
});

export const predictionList = query({
  name: 'prediction.list',
  summary: 'Conflicts that merges of worktrees would have, in the order in which they were predicted',
  route: get('/projects/{projectId}/predictions'),
  role: 'viewer',
  input: z
    .object({
      limit: page.limit,
      after: z.coerce.number().int().min(0).default(0).meta({
        description: 'Only what was predicted after this event',
      }),
      agentId: s.AgentId.optional(),
    })
    .strict(),
  output: z.object({ items: z.array(Prediction), next: s.Seq.optional() }),
  refusals: [],
});

export const artifactList = query({
  name: 'artifact.list',
  summary: 'Stored files, in the order of their ids',
  route: get('/projects/{projectId}/artifacts'),
  role: 'viewer',
  input: z.object({ ...page, taskId: s.TaskId.optional() }).strict(),
  output: pageOf(e.Artifact),
  refusals: [],
});
export const artifactGet = query({
  name: 'artifact.get',
  summary: 'What is known of one stored file; its bytes are at /content below it',
  route: get('/projects/{projectId}/artifacts/{artifactId}'),
  role: 'viewer',
  input: z.object({ artifactId: s.ArtifactId }).strict(),
  output: e.Artifact,
  refusals: ['artifact_not_found'],
});

const typeNames = Object.keys(events).filter((name): name is EventType => name in events);
export const EventRow = z
  .object({
    id: z.string(),
    seq: s.Seq,
    type: z.enum(typeNames),
    projectId: s.ProjectId,
    agentId: s.AgentId.optional(),
    timestamp: s.Timestamp,
    priority: z.enum(e.URGENCIES),
    data: z.record(z.string(), z.json()),
  })
  .meta({ id: 'ActEvent' });
export const eventList = query({
  name: 'event.list',
  summary: 'History, oldest first, by task, agent or type; a stream is at /projects/{projectId}/events',
  route: get('/projects/{projectId}/history'),
  role: 'viewer',
  input: z
    .object({
      limit: page.limit,
      after: z.coerce.number().int().min(0).default(0),
      taskId: s.TaskId.optional(),
      agentId: s.AgentId.optional(),
      type: z.enum(typeNames).optional(),
    })
    .strict(),
  output: z.object({ items: z.array(EventRow), next: s.Seq.optional() }),
  refusals: [],
});
