import { z } from 'zod';
import { command } from '../define.ts';
import { Claim } from '../entities.ts';
import { Checkpoint, Evidence, Settled } from '../evidence.ts';
import {
  CONTENT_BYTES_MAX,
  DEPENDENCIES_MAX,
  PATHS_MAX,
  PLAN_BYTES_MAX,
  PLAN_ITEMS_MAX,
  WAIT_MS_MAX,
} from '../limits.ts';
import * as s from '../scalars.ts';

const body = {
  title: s.Title,
  description: s.Description.optional(),
  type: s.Name.default('task'),
  priority: s.Priority.default(2),
  complexityScore: z.int().min(0).max(1_000).optional(),
  estimatedTime: s.Minutes.optional(),
  requires: s.Capabilities.default([]),
  filePaths: z.array(s.Path).max(PATHS_MAX).default([]),
};
const speaker = { sessionId: s.SessionId };
const holder = { taskId: s.TaskId, sessionId: s.SessionId, epoch: s.Epoch };
const holderRefusals = ['task_not_found', 'session_expired', 'stale_epoch'] as const;
const done = z.object({ taskId: s.TaskId });
const at = (action: string) =>
  ({ method: 'POST', path: `/projects/{projectId}/tasks/{taskId}/${action}` }) as const;

export const taskCreate = command({
  name: 'task.create',
  summary: 'Create a task',
  route: { method: 'POST', path: '/projects/{projectId}/tasks' },
  role: 'agent',
  input: z
    .object({
      key: s.Key.optional(),
      phaseId: s.PhaseId.optional(),
      ...body,
      dependencies: z.array(s.TaskId).max(DEPENDENCIES_MAX).default([]),
    })
    .strict(),
  output: done,
  refusals: ['phase_not_found', 'task_not_found', 'duplicate_key', 'dependency_cycle', 'limit_reached'],
});

export const taskUpdate = command({
  name: 'task.update',
  summary: 'Change what a task says, or its priority and requirements',
  route: { method: 'PATCH', path: '/projects/{projectId}/tasks/{taskId}' },
  role: 'coordinator',
  input: z
    .object({
      taskId: s.TaskId,
      title: s.Title.optional(),
      description: s.Description.optional(),
      type: s.Name.optional(),
      priority: s.Priority.optional(),
      complexityScore: body.complexityScore,
      estimatedTime: s.Minutes.optional(),
      requires: s.Capabilities.optional(),
      filePaths: z.array(s.Path).max(PATHS_MAX).optional(),
    })
    .strict(),
  output: done,
  refusals: ['task_not_found', 'task_closed'],
});

export const taskNext = command({
  name: 'task.next',
  summary: 'Claim the best ready task for this agent, and learn why it is the best',
  route: { method: 'POST', path: '/projects/{projectId}/next' },
  role: 'agent',
  input: z
    .object({
      ...speaker,
      waitMs: z
        .int()
        .min(0)
        .max(WAIT_MS_MAX)
        .default(0)
        .meta({ description: 'Wait this long for a task to become ready' }),
      resume: z.boolean().optional().meta({
        description: 'While the session holds a task: answer that grant again, and give no other',
      }),
    })
    .strict(),
  output: z.object({
    claim: Claim.optional(),
    open: z
      .int()
      .meta({ description: 'Tasks that are pending, ready or claimed at the moment of the answer' }),
  }),
  refusals: ['session_expired'],
});

export const taskClaim = command({
  name: 'task.claim',
  summary: 'Claim one ready task for the calling agent',
  route: at('claim'),
  role: 'agent',
  input: z.object({ taskId: s.TaskId, ...speaker }).strict(),
  output: Claim,
  refusals: [
    'task_not_found',
    'task_not_ready',
    'task_already_claimed',
    'task_closed',
    'capability_missing',
    'session_expired',
  ],
});

export const taskProgress = command({
  name: 'task.progress',
  summary: 'Report progress, and where another agent could go on',
  route: at('progress'),
  role: 'agent',
  urgency: 'keep',
  input: z
    .object({
      ...holder,
      percent: z.int().min(0).max(100).optional(),
      note: s.Note.optional(),
      checkpoint: Checkpoint.optional(),
    })
    .strict(),
  output: done,
  refusals: holderRefusals,
});

export const taskComplete = command({
  name: 'task.complete',
  summary: 'Complete the task; tasks that waited only for it become ready',
  route: at('complete'),
  role: 'agent',
  urgency: 'keep',
  input: z
    .object({ ...holder, result: s.json(CONTENT_BYTES_MAX).optional(), evidence: Evidence.optional() })
    .strict(),
  output: z.object({
    taskId: s.TaskId,
    ready: z.array(s.TaskId).meta({ description: 'Tasks that this made ready' }),
    settled: Settled.optional().meta({
      description: 'A commit that is none of the evidence and had perhaps done the task before',
    }),
  }),
  refusals: [...holderRefusals, 'evidence_missing'],
});

export const taskFail = command({
  name: 'task.fail',
  summary: 'Give the task back as failed; after the last attempt it is parked for a human',
  route: at('fail'),
  role: 'agent',
  urgency: 'keep',
  input: z.object({ ...holder, reason: s.Note, checkpoint: Checkpoint.optional() }).strict(),
  output: z.object({ taskId: s.TaskId, parked: z.boolean() }),
  refusals: holderRefusals,
});

export const taskRelease = command({
  name: 'task.release',
  summary: 'Give the task back unfinished, without counting an attempt',
  route: at('release'),
  role: 'agent',
  urgency: 'keep',
  input: z.object({ ...holder, note: s.Note.optional(), checkpoint: Checkpoint.optional() }).strict(),
  output: done,
  refusals: holderRefusals,
});

export const taskBlock = command({
  name: 'task.block',
  summary: 'Say that the held task cannot go on, why, and whom it waits for; the agent is free again',
  route: at('block'),
  role: 'agent',
  urgency: 'keep',
  input: z
    .object({
      ...holder,
      reason: s.Note,
      waitingFor: s.AgentId.optional(),
      checkpoint: Checkpoint.optional(),
    })
    .strict(),
  output: done,
  refusals: [...holderRefusals, 'agent_not_found'],
});

export const taskUnblock = command({
  name: 'task.unblock',
  summary: 'Let a blocked task be claimed again',
  route: at('unblock'),
  role: 'coordinator',
  input: z.object({ taskId: s.TaskId }).strict(),
  output: done,
  refusals: ['task_not_found', 'task_not_blocked'],
});

export const taskCancel = command({
  name: 'task.cancel',
  summary: 'Cancel a task; a holder’s grant ends, and tasks that depend on it no longer wait for it',
  route: at('cancel'),
  role: 'coordinator',
  input: z.object({ taskId: s.TaskId, reason: s.Note.optional() }).strict(),
  output: done,
  refusals: ['task_not_found', 'task_closed'],
});

export const taskRetry = command({
  name: 'task.retry',
  summary: 'Take a parked task up again with all its attempts',
  route: at('retry'),
  role: 'coordinator',
  input: z.object({ taskId: s.TaskId }).strict(),
  output: done,
  refusals: ['task_not_found', 'task_not_failed'],
});

export const taskConfirm = command({
  name: 'task.confirm',
  summary: 'Say that a task is still needed, although a commit looks as if it had done it',
  route: at('confirm'),
  role: 'agent',
  input: z.object({ taskId: s.TaskId, sessionId: s.SessionId.optional() }).strict(),
  output: done,
  refusals: ['task_not_found', 'task_closed', 'session_expired'],
});

export const taskTimeout = command({
  name: 'task.timeout',
  summary: 'Ask about a held task that is silent, or return one that is silent or held too long',
  input: z.object({ taskId: s.TaskId, epoch: s.Epoch }).strict(),
  output: done,
  refusals: ['task_not_found', 'stale_epoch', 'lease_live'],
});

export const dependencyAdd = command({
  name: 'dependency.add',
  summary: 'Let a task wait for another; an edge that closes a cycle is refused and the cycle named',
  route: { method: 'PUT', path: '/projects/{projectId}/tasks/{taskId}/dependencies/{dependsOn}' },
  role: 'agent',
  input: z.object({ taskId: s.TaskId, dependsOn: s.TaskId }).strict(),
  output: done,
  refusals: ['task_not_found', 'task_closed', 'task_held', 'dependency_cycle', 'limit_reached'],
});

export const dependencyRemove = command({
  name: 'dependency.remove',
  summary: 'Let a task no longer wait for another',
  route: { method: 'DELETE', path: '/projects/{projectId}/tasks/{taskId}/dependencies/{dependsOn}' },
  role: 'coordinator',
  input: z.object({ taskId: s.TaskId, dependsOn: s.TaskId }).strict(),
  output: done,
  refusals: ['task_not_found', 'task_closed', 'dependency_not_found'],
});

const PlanTask = z
  .object({
    key: s.Key,
    phase: s.Key.optional().meta({ description: 'Key of a phase of the plan or the project' }),
    ...body,
    dependsOn: z
      .array(s.Key)
      .max(DEPENDENCIES_MAX)
      .default([])
      .meta({ description: 'Keys of tasks of the plan or the project' }),
    status: z.enum(['open', 'completed', 'cancelled']).default('open'),
  })
  .strict()
  .meta({ id: 'PlanTask' });
const PlanPhase = z
  .object({
    key: s.Key,
    name: s.Title,
    description: s.Description.optional(),
    dependsOn: z.array(s.Key).max(DEPENDENCIES_MAX).default([]),
  })
  .strict()
  .meta({ id: 'PlanPhase' });

export const planApply = command({
  name: 'plan.apply',
  summary:
    'Bring phases and tasks, known by their keys, to what a plan says; what already fits is left alone, all or nothing',
  route: { method: 'POST', path: '/projects/{projectId}/plan', bytesMax: PLAN_BYTES_MAX },
  role: 'coordinator',
  input: z
    .object({
      phases: z.array(PlanPhase).max(PLAN_ITEMS_MAX).default([]),
      tasks: z.array(PlanTask).max(PLAN_ITEMS_MAX).default([]),
    })
    .strict(),
  output: z.object({ created: z.int(), updated: z.int(), unchanged: z.int(), edges: z.int() }),
  refusals: ['phase_not_found', 'task_not_found', 'duplicate_key', 'dependency_cycle', 'limit_reached'],
});
