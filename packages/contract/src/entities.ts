import { z } from 'zod';
import { Checkpoint, EvidenceRule, Settled } from './evidence.ts';
import * as s from './scalars.ts';
import { ARTIFACT_BYTES_TOTAL_MAX, PATTERNS_MAX } from './limits.ts';
import { MEMBER_KINDS, ROLES } from './roles.ts';
import { AgentKeys } from './sealed.ts';

export const ASSIGNMENT_POLICIES = ['flow', 'weighted'] as const;
export const TASK_STATUSES = [
  'pending',
  'ready',
  'claimed',
  'blocked',
  'completed',
  'failed',
  'cancelled',
] as const;
export const RELEASE_REASONS = [
  'released',
  'failed',
  'expired',
  'disconnected',
  'replaced',
  'silent',
  'too_long',
  'blocked',
] as const;

export const ProjectSettings = z
  .object({
    policy: z.enum(ASSIGNMENT_POLICIES).meta({ description: 'How task.next chooses' }),
    leaseMs: s.LeaseMs.meta({ description: 'Lease of a session unless it asks for another' }),
    maxAttempts: z
      .int()
      .min(1)
      .max(100)
      .meta({ description: 'Lost or failed attempts before a task is parked' }),
    silenceMs: z.int().min(1_000).meta({
      description:
        'A held task without progress for this long is asked about, after twice as long it is returned',
    }),
    claimMs: z.int().min(1_000).meta({ description: 'The longest a task may be held at one grant' }),
    openTasksMax: z.int().min(1).max(100_000),
    hopsMax: z.int().min(1).max(10_000).meta({
      description: 'How often a thread of messages may be passed on before somebody begins a new one',
    }),
    messagesPerMinute: z
      .int()
      .min(1)
      .max(100_000)
      .meta({ description: 'Messages and broadcasts that one agent may send in a minute' }),
    artifactBytesMax: z.int().min(0).max(ARTIFACT_BYTES_TOTAL_MAX).meta({
      description: 'Bytes of all stored files together, uploads that are not stored yet included',
    }),
    reservationIdleMs: z.int().min(1_000).max(86_400_000).meta({
      description: 'A reservation that its holder did not renew for this long ends',
    }),
    evidence: EvidenceRule.optional().meta({ description: 'Absent: a completion needs no evidence' }),
  })
  .strict()
  .meta({ id: 'ProjectSettings' });
export type ProjectSettings = z.infer<typeof ProjectSettings>;

export const Project = z
  .object({
    id: s.ProjectId,
    name: s.Title,
    description: s.Description.optional(),
    status: z.enum(['active', 'archived']),
    settings: ProjectSettings,
    seq: s.Seq,
    createdAt: s.Timestamp,
    updatedAt: s.Timestamp,
  })
  .meta({ id: 'Project' });
export type Project = z.infer<typeof Project>;

export const Phase = z
  .object({
    id: s.PhaseId,
    key: s.Key.optional(),
    name: s.Title,
    description: s.Description.optional(),
    status: z.enum(['active', 'completed']),
    ownerAgentId: s.AgentId.optional(),
    dependencies: z.array(s.PhaseId),
    estimatedEffort: s.Minutes.optional(),
    actualEffort: z.int().optional(),
    startedAt: s.Timestamp.optional(),
    completedAt: s.Timestamp.optional(),
  })
  .meta({ id: 'Phase' });
export type Phase = z.infer<typeof Phase>;

export const Task = z
  .object({
    id: s.TaskId,
    key: s.Key.optional(),
    phaseId: s.PhaseId.optional(),
    title: s.Title,
    description: s.Description.optional(),
    type: s.Name,
    status: z.enum(TASK_STATUSES),
    priority: s.Priority,
    complexityScore: z.int().optional(),
    estimatedTime: s.Minutes.optional(),
    actualTime: z.int().optional(),
    requires: s.Capabilities,
    filePaths: z.array(s.Path),
    dependencies: z.array(s.TaskId),
    assignedAgentId: s.AgentId.optional(),
    sessionId: s.SessionId.optional(),
    epoch: z.int(),
    attempts: z.int(),
    percent: z.int().optional(),
    note: s.Note.optional(),
    checkpoint: Checkpoint.optional(),
    blockedReason: s.Note.optional(),
    settled: Settled.optional().meta({
      description: 'Perhaps done already, by this commit; look before you begin',
    }),
    result: z.json().optional(),
    createdAt: s.Timestamp,
    startedAt: s.Timestamp.optional(),
    completedAt: s.Timestamp.optional(),
  })
  .meta({ id: 'Task' });
export type Task = z.infer<typeof Task>;

export const Counts = z
  .record(z.enum(TASK_STATUSES), z.int())
  .meta({ id: 'Counts', description: 'Tasks by status' });

export const AGENT_STATUSES = ['idle', 'working', 'offline'] as const;
export const Agent = z
  .object({
    id: s.AgentId,
    name: s.Name,
    kind: s.Name.optional(),
    capabilities: s.Capabilities,
    status: z.enum(AGENT_STATUSES),
    sessionId: s.SessionId.optional(),
    lastSeen: s.Timestamp,
    performanceMetrics: z.record(z.string(), z.object({ completed: z.int(), failed: z.int() })),
    keys: AgentKeys.optional().meta({ description: 'For sealed messages, if it has published any' }),
  })
  .meta({ id: 'Agent' });
export type Agent = z.infer<typeof Agent>;

/** What a granted claim gives: the fence to show with every later call, and the work. */
export const Claim = z
  .object({
    taskId: s.TaskId,
    epoch: s.Epoch,
    attempt: z.int(),
    leaseMs: s.LeaseMs,
    reasons: z.array(z.string()).meta({ description: 'Why this task for this agent' }),
    task: Task.optional().meta({ description: 'The task as it is when the answer is sent' }),
  })
  .meta({ id: 'Claim' });
export type Claim = z.infer<typeof Claim>;

export const MESSAGE_TYPES = [
  'info',
  'question',
  'answer',
  'request',
  'warning',
  'handoff',
  'update',
] as const;
export const URGENCIES = ['low', 'medium', 'high', 'critical'] as const;
export const Message = z
  .object({
    id: s.MessageId,
    senderAgentId: s.AgentId,
    recipientAgentId: s.AgentId.optional().meta({ description: 'Absent: to every member' }),
    messageType: z.enum(MESSAGE_TYPES),
    urgency: z.enum(URGENCIES),
    threadId: s.MessageId.optional(),
    taskId: s.TaskId.optional(),
    content: z.json(),
    timestamp: s.Timestamp,
    readAt: s.Timestamp.optional(),
    erasedAt: s.Timestamp.optional().meta({ description: 'When its content was erased; it is null since' }),
  })
  .meta({ id: 'Message' });
export type Message = z.infer<typeof Message>;

export const Assistance = z
  .object({
    id: s.RequestId,
    agentId: s.AgentId,
    taskId: s.TaskId.optional(),
    question: s.Note,
    requires: s.Capabilities,
    offeredTo: z.array(s.AgentId),
    status: z.enum(['open', 'accepted', 'closed']),
    acceptedBy: s.AgentId.optional(),
    createdAt: s.Timestamp,
  })
  .meta({ id: 'Assistance' });
export type Assistance = z.infer<typeof Assistance>;

export const StateEntry = z
  .object({
    key: s.Key,
    value: z.json(),
    version: z.int(),
    agentId: s.AgentId.optional(),
    updatedAt: s.Timestamp,
  })
  .meta({ id: 'StateEntry' });
export type StateEntry = z.infer<typeof StateEntry>;

export const FILE_CHANGE_KINDS = ['created', 'modified', 'deleted'] as const;
export const FileWatch = z
  .object({
    filePath: s.Path,
    checksum: z.string().optional(),
    lastModified: s.Timestamp,
    lastChange: z.enum(FILE_CHANGE_KINDS),
    agentId: s.AgentId.optional(),
    relatedTaskIds: z.array(s.TaskId),
  })
  .meta({ id: 'FileWatch' });
export type FileWatch = z.infer<typeof FileWatch>;

export const CONFLICT_TYPES = [
  'resource_contention',
  'dependency_deadlock',
  'capability_overlap',
  'priority_mismatch',
] as const;
/** What a person has to choose from where no rule decides. */
export const ConflictQuestion = z
  .object({
    reason: s.Note,
    options: z
      .array(z.object({ id: s.Name, summary: s.Note }))
      .min(1)
      .max(66),
    safeDefault: s.Name.meta({ description: 'The option that is taken when nobody answers' }),
  })
  .meta({ id: 'ConflictQuestion' });
export type ConflictQuestion = z.infer<typeof ConflictQuestion>;
export const Conflict = z
  .object({
    id: s.ConflictId,
    conflictType: z.enum(CONFLICT_TYPES),
    involvedAgents: z.array(s.AgentId),
    taskIds: z.array(s.TaskId),
    place: s.Path.optional().meta({ description: 'The file or pattern that it is about' }),
    description: s.Note,
    status: z.enum(['open', 'resolved']),
    question: ConflictQuestion.optional().meta({ description: 'An open conflict that was escalated' }),
    deadline: s.Timestamp.optional(),
    resolution: z.json().optional(),
    createdAt: s.Timestamp,
    resolvedAt: s.Timestamp.optional(),
  })
  .meta({ id: 'Conflict' });
export type Conflict = z.infer<typeof Conflict>;

export const Member = z
  .object({
    id: s.MemberId,
    kind: z.enum(MEMBER_KINDS),
    role: z.enum(ROLES),
    name: s.Title.optional(),
    agentId: s.AgentId.optional(),
    writePaths: z.array(s.Path).max(PATTERNS_MAX).optional(),
    broughtBy: s.MemberId.optional().meta({ description: 'The member that brought it in' }),
    createdAt: s.Timestamp,
  })
  .meta({ id: 'Member' });
export type Member = z.infer<typeof Member>;

export const ApiKey = z
  .object({
    id: s.KeyId,
    memberId: s.MemberId,
    label: s.Name.optional(),
    role: z.enum(ROLES).optional(),
    createdAt: s.Timestamp,
    expiresAt: s.Timestamp.optional(),
    lastUsedAt: s.Timestamp.optional(),
    revokedAt: s.Timestamp.optional(),
  })
  .meta({ id: 'ApiKey' });
export type ApiKey = z.infer<typeof ApiKey>;

export const Artifact = z
  .object({
    id: s.ArtifactId,
    name: s.ArtifactName,
    mediaType: s.MediaType,
    bytes: z.int(),
    sha256: s.Sha256,
    agentId: s.AgentId.optional().meta({ description: 'Who stored it; absent: a person' }),
    taskId: s.TaskId.optional(),
    createdAt: s.Timestamp,
  })
  .meta({ id: 'Artifact' });
export type Artifact = z.infer<typeof Artifact>;
