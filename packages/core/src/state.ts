import type {
  AgentKeys,
  Capability,
  Checkpoint,
  CONFLICT_TYPES,
  ConflictQuestion,
  MemberKind,
  ProjectSettings,
  Role,
  Settled,
  Task,
} from '@agentmix/act-contract';
import {
  ARTIFACT_BYTES_TOTAL_DEFAULT,
  HOPS_MAX_DEFAULT,
  LEASE_MS_DEFAULT,
  MESSAGES_PER_MINUTE_DEFAULT,
  OPEN_TASKS_MAX_DEFAULT,
  RESERVATION_IDLE_MS_DEFAULT,
} from '@agentmix/act-contract';
import { makeAssignmentIndex } from './assignment/assignment-index.ts';
import type { AssignmentIndex } from './assignment/assignment-index.ts';
import type { ToldConflicts } from './predictions/told.ts';
import type { WorktreeState } from './predictions/worktree.ts';
import { emptyBook } from './reservations/book.ts';
import type { ReservationBook } from './reservations/book.ts';

/**
 * Times are epoch milliseconds of the database’s clock; minutes where a name says so. Fields that end are set to
 * undefined, not deleted, which would turn the object into a hash table.
 */
export interface TaskState {
  readonly id: string;
  readonly key: string | undefined;
  readonly phaseId: string | undefined;
  /** Sequence number of its creation: the order of arrival. */
  readonly order: number;
  readonly createdAt: number;
  title: string;
  /** Fingerprint of the description, which itself stays in the database; 0 when there is none. */
  descriptionHash: number;
  type: string;
  priority: number;
  complexityScore: number | undefined;
  estimatedTime: number | undefined;
  requires: readonly Capability[];
  filePaths: readonly string[];
  dependencies: readonly string[];
  status: Task['status'];
  /** The holder, while claimed; the one who completed it, afterwards. */
  agentId: string | undefined;
  sessionId: string | undefined;
  epoch: number;
  attempts: number;
  percent: number | undefined;
  note: string | undefined;
  checkpoint: Checkpoint | undefined;
  blockedReason: string | undefined;
  /** The commit that had perhaps done it already. */
  settled: Settled | undefined;
  /** The agent that blocked it, and the one that it then waited for. */
  blockedBy: string | undefined;
  waitingFor: string | undefined;
  result: Task['result'] | undefined;
  startedAt: number | undefined;
  claimedAt: number | undefined;
  progressedAt: number | undefined;
  /** When a silent holder was asked about the task. */
  askedAt: number | undefined;
  completedAt: number | undefined;
  actualTime: number | undefined;

  /** Derived: open tasks and phases that it waits for. */
  waitingOn: number;
  /** Derived: open tasks that wait for it. */
  readonly dependents: Set<string>;
  /** Derived: longest path in minutes to the end of the plan, itself included. */
  level: number;
  /** Derived: the most urgent priority among itself and what waits for it. */
  urgency: number;
  /** Derived: the same for tasks whose titles say the same; 0 while the task is not in the project, or says too little. */
  titleKey: number;
}

/** What a row holds of a task; the rest follows from the other rows. */
export type TaskImage = {
  [
    K in keyof Omit<
      TaskState,
      'waitingOn' | 'dependents' | 'level' | 'urgency' | 'titleKey'
    > as undefined extends TaskState[K] ? never : K
  ]: TaskState[K];
} & {
  [
    K in keyof Omit<
      TaskState,
      'waitingOn' | 'dependents' | 'level' | 'urgency' | 'titleKey'
    > as undefined extends TaskState[K] ? K : never
  ]?: TaskState[K];
};

/** Every task object has the same fields in the same order, which keeps access to them fast. */
export const makeTask = (image: TaskImage): TaskState => ({
  id: image.id,
  key: image.key,
  phaseId: image.phaseId,
  order: image.order,
  createdAt: image.createdAt,
  title: image.title,
  descriptionHash: image.descriptionHash,
  type: image.type,
  priority: image.priority,
  complexityScore: image.complexityScore,
  estimatedTime: image.estimatedTime,
  requires: image.requires,
  filePaths: image.filePaths,
  dependencies: image.dependencies,
  status: image.status,
  agentId: image.agentId,
  sessionId: image.sessionId,
  epoch: image.epoch,
  attempts: image.attempts,
  percent: image.percent,
  note: image.note,
  checkpoint: image.checkpoint,
  blockedReason: image.blockedReason,
  settled: image.settled,
  blockedBy: image.blockedBy,
  waitingFor: image.waitingFor,
  result: image.result,
  startedAt: image.startedAt,
  claimedAt: image.claimedAt,
  progressedAt: image.progressedAt,
  askedAt: image.askedAt,
  completedAt: image.completedAt,
  actualTime: image.actualTime,
  waitingOn: 0,
  dependents: new Set(),
  level: 0,
  urgency: image.priority,
  titleKey: 0,
});

export interface PhaseState {
  readonly id: string;
  readonly key?: string;
  readonly createdAt: number;
  readonly order: number;
  readonly dependencies: readonly string[];
  name: string;
  description?: string;
  ownerAgentId?: string;
  estimatedEffort?: number;
  status: 'active' | 'completed';
  startedAt?: number;
  completedAt?: number;
  actualEffort?: number;
  /** Derived: its open tasks, the minutes spent on its completed ones, and the phases that wait for it. */
  readonly open: Set<string>;
  spent: number;
  readonly dependents: Set<string>;
}

export interface AgentState {
  readonly id: string;
  name: string;
  kind?: string;
  capabilities: readonly Capability[];
  registeredAt: number;
  sessionId?: string;
  keys?: AgentKeys;
  /** Lost and failed attempts by task type. */
  readonly failed: Map<string, number>;
  /** Derived: completed tasks by task type. */
  readonly completed: Map<string, number>;
}

/** A live session; ended ones leave the state. */
export interface SessionState {
  readonly id: string;
  readonly agentId: string;
  readonly leaseMs: number;
  readonly startedAt: number;
  patterns: readonly string[];
  /** Derived: tasks it holds. */
  readonly held: Set<string>;
}

/** A human, an agent or a service with a role in the project. */
export interface MemberState {
  readonly id: string;
  readonly kind: MemberKind;
  readonly role: Role;
  readonly createdAt: number;
  /** The one agent it speaks as. */
  readonly agentId?: string;
  readonly writePaths?: readonly string[];
  /** The member that brought it in. */
  readonly broughtBy?: string;
}

export interface KeyState {
  readonly id: string;
  readonly memberId: string;
  readonly createdAt: number;
  readonly label?: string;
  readonly role?: Role;
  /** Epoch milliseconds. */
  readonly expiresAt?: number;
  readonly isRevoked: boolean;
}

export interface AssistanceState {
  readonly id: string;
  readonly agentId: string;
  readonly offeredTo: readonly string[];
}

/** An open conflict; with a question when people were asked. Times in epoch milliseconds. */
export interface ConflictState {
  readonly id: string;
  readonly type: (typeof CONFLICT_TYPES)[number];
  readonly agents: readonly string[];
  readonly taskIds: readonly string[];
  /** The file or pattern that it is about. */
  readonly place?: string | undefined;
  readonly question?: ConflictQuestion | undefined;
  readonly deadline?: number | undefined;
}

/** A stored file, without its bytes. */
export interface ArtifactState {
  readonly id: string;
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly agentId?: string | undefined;
  readonly taskId?: string | undefined;
}

/** One project in memory: everything decisions need, and nothing they do not (no descriptions, no closed tasks). */
export interface ProjectState {
  readonly id: string;
  seq: number;
  /** Hash of the last record, hexadecimal; the next one chains to it. */
  hash: string;
  name: string;
  description?: string;
  status: 'active' | 'archived';
  settings: ProjectSettings;
  createdAt: number;
  updatedAt: number;
  readonly phases: Map<string, PhaseState>;
  readonly agents: Map<string, AgentState>;
  readonly sessions: Map<string, SessionState>;
  readonly members: Map<string, MemberState>;
  /** Derived: which member speaks as an agent. */
  readonly memberIdsByAgent: Map<string, string>;
  readonly keys: Map<string, KeyState>;
  /** Tasks that are not completed or cancelled. */
  readonly tasks: Map<string, TaskState>;
  readonly closedTasks: Set<string>;
  readonly taskIdsByKey: Map<string, string>;
  readonly phaseIdsByKey: Map<string, string>;
  readonly assistance: Map<string, AssistanceState>;
  readonly conflicts: Map<string, ConflictState>;
  /** Version of every key of the shared live state: the sequence number of its last change. */
  readonly liveState: Map<string, number>;
  readonly artifacts: Map<string, ArtifactState>;
  readonly reservations: ReservationBook;
  /** Commits of the main branch that were counted, the newest last. */
  readonly mainCommits: Set<string>;
  /** What worktrees last reported, by their keys. */
  readonly worktrees: Map<string, WorktreeState>;
  readonly told: ToldConflicts;
  readonly index: AssignmentIndex;
}

export const DEFAULT_SETTINGS: ProjectSettings = {
  policy: 'flow',
  leaseMs: LEASE_MS_DEFAULT,
  maxAttempts: 3,
  silenceMs: 15 * 60_000,
  claimMs: 8 * 3_600_000,
  openTasksMax: OPEN_TASKS_MAX_DEFAULT,
  hopsMax: HOPS_MAX_DEFAULT,
  messagesPerMinute: MESSAGES_PER_MINUTE_DEFAULT,
  artifactBytesMax: ARTIFACT_BYTES_TOTAL_DEFAULT,
  reservationIdleMs: RESERVATION_IDLE_MS_DEFAULT,
};

export const GENESIS_HASH = '0'.repeat(64);

export const emptyState = (id: string): ProjectState => ({
  id,
  seq: 0,
  hash: GENESIS_HASH,
  name: '',
  status: 'active',
  settings: DEFAULT_SETTINGS,
  createdAt: 0,
  updatedAt: 0,
  phases: new Map(),
  agents: new Map(),
  sessions: new Map(),
  members: new Map(),
  memberIdsByAgent: new Map(),
  keys: new Map(),
  tasks: new Map(),
  closedTasks: new Set(),
  taskIdsByKey: new Map(),
  phaseIdsByKey: new Map(),
  assistance: new Map(),
  conflicts: new Map(),
  liveState: new Map(),
  artifacts: new Map(),
  reservations: emptyBook(),
  mainCommits: new Set(),
  worktrees: new Map(),
  told: new Map(),
  index: makeAssignmentIndex(),
});

export const isClosed = (status: TaskState['status']): boolean =>
  status === 'completed' || status === 'cancelled';
