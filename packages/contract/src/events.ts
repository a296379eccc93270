import { z } from 'zod';
import * as s from './scalars.ts';
import {
  CONFLICT_TYPES,
  ConflictQuestion,
  MESSAGE_TYPES,
  ProjectSettings,
  RELEASE_REASONS,
  URGENCIES,
} from './entities.ts';
import { Checkpoint, Evidence, Settled } from './evidence.ts';
import { RESERVATION_END_REASONS, ReservedRegion } from './reservation-entities.ts';
import {
  COLLISION_KINDS,
  predictedConflict,
  WITHDRAWAL_REASONS,
  WorktreeFile,
  worktreeReport,
} from './worktree-entities.ts';
import { KeyProof, publicKeys } from './sealed.ts';
import { PATHS_MAX, PATTERNS_MAX, STATE_VALUE_BYTES_MAX } from './limits.ts';
import { MEMBER_KINDS, ROLES } from './roles.ts';

const taskBody = {
  key: s.Key.optional(),
  phaseId: s.PhaseId.optional(),
  title: s.Title,
  description: s.Description.optional(),
  type: s.Name,
  priority: s.Priority,
  complexityScore: z.int().min(0).max(1_000).optional(),
  estimatedTime: s.Minutes.optional(),
  requires: s.Capabilities,
  filePaths: z.array(s.Path).max(PATHS_MAX),
};
const grant = { taskId: s.TaskId, epoch: s.Epoch };
const file = { path: s.Path, checksum: z.string().max(64).optional(), taskId: s.TaskId.optional() };
const message = {
  messageId: s.MessageId,
  messageType: z.enum(MESSAGE_TYPES),
  urgency: z.enum(URGENCIES),
  threadId: s.MessageId.optional(),
  hops: z.int().min(1).optional().meta({
    description: 'How often the thread was passed on, this message included; absent where it begins one',
  }),
  taskId: s.TaskId.optional(),
};

/**
 * Every event of the log and its data. Direct messages appear by id only, so that one record may go to every
 * member. `agent.heartbeat` of the first specification is presence, not history: it is never logged.
 */
export const events = {
  'project.created': z.object({
    name: s.Title,
    description: s.Description.optional(),
    settings: ProjectSettings,
  }),
  'project.updated': z.object({
    name: s.Title.optional(),
    description: s.Description.optional(),
    status: z.enum(['active', 'archived']).optional(),
    settings: ProjectSettings.partial().optional(),
  }),
  'project.milestone': z.object({ name: s.Title, phaseId: s.PhaseId.optional() }),

  'member.changed': z.object({
    memberId: s.MemberId,
    kind: z.enum(MEMBER_KINDS),
    role: z.enum(ROLES),
    agentId: s.AgentId.optional(),
    writePaths: z.array(s.Path).max(PATTERNS_MAX).optional(),
    broughtBy: s.MemberId.optional(),
  }),
  'member.removed': z.object({ memberId: s.MemberId }),
  'privacy.erased': z.object({ memberId: s.MemberId }),
  'key.created': z.object({
    keyId: s.KeyId,
    memberId: s.MemberId,
    label: s.Name.optional(),
    role: z.enum(ROLES).optional(),
    expiresAt: s.Timestamp.optional(),
    replaces: s.KeyId.optional(),
  }),
  'key.expiring': z.object({ keyId: s.KeyId, expiresAt: s.Timestamp }),
  'key.revoked': z.object({ keyId: s.KeyId }),
  'access.refused': z.object({
    memberId: s.MemberId,
    operation: s.Name,
    code: s.Name,
    count: z.int().min(1),
  }),

  'phase.created': z.object({
    phaseId: s.PhaseId,
    key: s.Key.optional(),
    name: s.Title,
    description: s.Description.optional(),
    ownerAgentId: s.AgentId.optional(),
    dependencies: z.array(s.PhaseId),
    estimatedEffort: s.Minutes.optional(),
  }),
  'phase.updated': z.object({
    phaseId: s.PhaseId,
    name: s.Title.optional(),
    description: s.Description.optional(),
    ownerAgentId: s.AgentId.optional(),
    estimatedEffort: s.Minutes.optional(),
  }),
  'phase.completed': z.object({ phaseId: s.PhaseId, actualEffort: z.int() }),

  'agent.registered': z.object({
    sessionId: s.SessionId,
    name: s.Name,
    kind: s.Name.optional(),
    capabilities: s.Capabilities,
    leaseMs: s.LeaseMs,
  }),
  'agent.disconnected': z.object({
    sessionId: s.SessionId,
    reason: z.enum(['disconnected', 'expired', 'replaced']),
  }),
  'agent.keys_published': z.object({ ...publicKeys, proof: KeyProof }),

  'task.created': z.object({
    taskId: s.TaskId,
    ...taskBody,
    dependencies: z.array(s.TaskId),
    status: z.enum(['pending', 'ready', 'completed', 'cancelled']),
  }),
  'task.updated': z.object({
    taskId: s.TaskId,
    title: s.Title.optional(),
    description: s.Description.optional(),
    type: s.Name.optional(),
    priority: s.Priority.optional(),
    complexityScore: z.int().optional(),
    estimatedTime: s.Minutes.optional(),
    requires: s.Capabilities.optional(),
    filePaths: z.array(s.Path).optional(),
  }),
  'task.ready': z.object({ taskId: s.TaskId }),
  'task.pending': z.object({ taskId: s.TaskId }),
  'task.claimed': z.object({
    ...grant,
    attempt: z.int(),
    sessionId: s.SessionId,
    leaseMs: s.LeaseMs,
    reasons: z.array(z.string()),
  }),
  'task.progress': z.object({
    ...grant,
    percent: z.int().min(0).max(100).optional(),
    note: s.Note.optional(),
    checkpoint: Checkpoint.optional(),
  }),
  'task.silent': z.object({ ...grant, silentMs: z.int() }),
  'task.completed': z.object({
    ...grant,
    result: z.json().optional(),
    evidence: Evidence.optional(),
    settled: Settled.optional().meta({ description: 'A commit of others that had perhaps done it before' }),
    actualTime: z.int(),
  }),
  'task.released': z.object({
    ...grant,
    reason: z.enum(RELEASE_REASONS),
    attempts: z.int(),
    note: s.Note.optional(),
    checkpoint: Checkpoint.optional(),
  }),
  'task.failed': z.object({ taskId: s.TaskId, attempts: z.int(), reason: s.Note }),
  'task.blocked': z.object({ taskId: s.TaskId, reason: s.Note, waitingFor: s.AgentId.optional() }),
  'task.unblocked': z.object({ taskId: s.TaskId }),
  'task.cancelled': z.object({ taskId: s.TaskId, reason: s.Note.optional() }),
  'task.retried': z.object({ taskId: s.TaskId }),
  'task.settled': z
    .object({ taskId: s.TaskId, ...Settled.shape })
    .meta({ description: 'Perhaps done already, by a commit of the main branch' }),
  'task.confirmed': z
    .object({ taskId: s.TaskId })
    .meta({ description: 'Somebody looked: the task is still needed' }),
  'dependency.added': z.object({ taskId: s.TaskId, dependsOn: s.TaskId }),
  'dependency.removed': z.object({ taskId: s.TaskId, dependsOn: s.TaskId }),

  'message.sent': z.object({ ...message, to: s.AgentId }),
  'message.read': z.object({ messageIds: z.array(s.MessageId) }),
  'update.broadcast': z.object(message),
  'assistance.requested': z.object({
    requestId: s.RequestId,
    taskId: s.TaskId.optional(),
    question: s.Note,
    requires: s.Capabilities,
    offeredTo: z.array(s.AgentId),
  }),
  'assistance.answered': z.object({ requestId: s.RequestId, accepted: z.boolean() }),
  'assistance.closed': z.object({ requestId: s.RequestId }),

  'state.updated': z.object({
    key: s.Key,
    version: z.int(),
    value: s.json(STATE_VALUE_BYTES_MAX).optional(),
    deleted: z.literal(true).optional(),
  }),

  'file.created': z.object(file),
  'file.modified': z.object(file),
  'file.deleted': z.object(file),
  'file.watched': z.object({ sessionId: s.SessionId, patterns: z.array(s.Path).max(PATTERNS_MAX) }),

  'reservation.granted': z
    .object({
      sessionId: s.SessionId,
      taskId: s.TaskId.optional(),
      reason: s.Note.optional(),
      regions: z.array(ReservedRegion),
    })
    .meta({ description: 'The agent has these from now on: newly, larger than before, or renewed' }),
  'reservation.queued': z.object({
    sessionId: s.SessionId,
    taskId: s.TaskId.optional(),
    reason: s.Note.optional(),
    regions: z.array(ReservedRegion),
    waitsFor: z.array(s.AgentId),
  }),
  'reservation.released': z.object({
    reservationIds: z.array(s.ReservationId),
    holder: s.AgentId,
    reason: z.enum(RESERVATION_END_REASONS),
    note: s.Note.optional(),
  }),

  'worktree.reported': z.object({
    sessionId: s.SessionId,
    ...worktreeReport,
    files: z.array(WorktreeFile),
    gone: z.array(s.RelativePath),
  }),
  'conflict.predicted': z
    .object({ ...predictedConflict, kind: z.enum(COLLISION_KINDS).optional() })
    .meta({ description: 'A merge of the two would stop at this path; told once, until it is withdrawn' }),
  'conflict.withdrawn': z.object({ ...predictedConflict, reason: z.enum(WITHDRAWAL_REASONS) }),

  'artifact.stored': z.object({
    artifactId: s.ArtifactId,
    name: s.ArtifactName,
    mediaType: s.MediaType,
    bytes: z.int(),
    sha256: s.Sha256,
    taskId: s.TaskId.optional(),
  }),
  'artifact.deleted': z.object({ artifactId: s.ArtifactId }),

  'branch.advanced': z
    .object({ branch: s.Name, commit: s.CommitId })
    .meta({ description: 'A commit came to the main branch' }),

  'conflict.detected': z.object({
    conflictId: s.ConflictId,
    conflictType: z.enum(CONFLICT_TYPES),
    involvedAgents: z.array(s.AgentId),
    taskIds: z.array(s.TaskId),
    place: s.Path.optional().meta({ description: 'The file or pattern that it is about' }),
    description: s.Note,
  }),
  'conflict.escalated': z.object({
    conflictId: s.ConflictId,
    ...ConflictQuestion.shape,
    deadline: s.Timestamp,
  }),
  'conflict.resolved': z.object({ conflictId: s.ConflictId, resolution: z.json() }),
} as const;

export type EventType = keyof typeof events;
export type EventData<T extends EventType> = z.infer<(typeof events)[T]>;
export const EVENT_PRIORITIES = URGENCIES;
export type EventPriority = (typeof URGENCIES)[number];

/** An event as it lies in a frame: project and time are the frame’s. `agentId` is absent where the hub acted. */
export type FramedEvent = {
  [T in EventType]: {
    readonly seq: number;
    readonly type: T;
    readonly agentId?: string;
    readonly priority: EventPriority;
    readonly data: EventData<T>;
  };
}[EventType];

/** What is decided before it has a place in the log. */
export type NewEvent = {
  [T in EventType]: { readonly type: T; readonly agentId?: string; readonly data: EventData<T> };
}[EventType];

/** One commit of a project’s log, and one message of a stream: contiguous events first..last. */
export interface Frame {
  readonly projectId: string;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly timestamp: string;
  readonly events: readonly FramedEvent[];
}

/** An event on its own, as SDKs show it and exports carry it. `id` is `<projectId>/<seq>`. */
export type ActEvent = FramedEvent & {
  readonly id: string;
  readonly projectId: string;
  readonly timestamp: string;
};

export const expandFrame = (frame: Frame): ActEvent[] =>
  frame.events.map((event) => ({
    ...event,
    id: `${frame.projectId}/${event.seq}`,
    projectId: frame.projectId,
    timestamp: frame.timestamp,
  }));

/** Joins a record’s stored events text into its frame without parsing it. */
export const frameText = (
  projectId: string,
  firstSeq: number,
  lastSeq: number,
  timestamp: string,
  eventsText: string,
): string =>
  `{"projectId":"${projectId}","firstSeq":${firstSeq},"lastSeq":${lastSeq},"timestamp":"${timestamp}","events":${eventsText}}`;

const PRIORITIES: Partial<Record<EventType, EventPriority>> = {
  'task.progress': 'low',
  'file.created': 'low',
  'file.modified': 'low',
  'file.deleted': 'low',
  'file.watched': 'low',
  'message.read': 'low',
  'worktree.reported': 'low',
  'reservation.granted': 'low',
  'reservation.released': 'low',
  'branch.advanced': 'low',
  'task.confirmed': 'low',
  'task.blocked': 'high',
  'task.released': 'high',
  'task.silent': 'high',
  'conflict.detected': 'high',
  'conflict.escalated': 'high',
  'conflict.predicted': 'high',
  'assistance.requested': 'high',
  'access.refused': 'high',
  'key.revoked': 'high',
  'task.failed': 'critical',
};

export const priorityOf = (type: EventType): EventPriority => PRIORITIES[type] ?? 'medium';
