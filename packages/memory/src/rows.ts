import type {
  KeyState,
  LogRecord,
  MemberState,
  ReservationState,
  WorktreeImage,
  WrappedKey,
} from '@agentmix/act-core';
import type {
  Agent,
  AgentKeys,
  Assistance,
  Conflict,
  FileWatch,
  Message,
  Phase,
  Prediction,
  Project,
  Settled,
  Task,
} from '@agentmix/act-contract';

/** Rows are this store’s own copies; times are epoch milliseconds; `…Json` is JSON text, as a database keeps it. */
export interface ProjectRow {
  id: string;
  name: string;
  description?: string;
  status: Project['status'];
  settingsJson: string;
  seq: number;
  hash: string;
  createdAt: number;
  updatedAt: number;
}

export interface TaskRow {
  id: string;
  key?: string;
  phaseId?: string;
  order: number;
  createdAt: number;
  title: string;
  description?: string;
  descriptionHash: number;
  type: string;
  status: Task['status'];
  priority: number;
  complexityScore?: number;
  estimatedTime?: number;
  actualTime?: number;
  requires: Task['requires'];
  filePaths: string[];
  dependencies: string[];
  agentId?: string;
  sessionId?: string;
  epoch: number;
  attempts: number;
  percent?: number;
  note?: string;
  checkpointJson?: string;
  blockedReason?: string;
  settled?: Settled;
  blockedBy?: string;
  waitingFor?: string;
  resultJson?: string;
  startedAt?: number;
  claimedAt?: number;
  progressedAt?: number;
  askedAt?: number;
  completedAt?: number;
}

export interface PhaseRow {
  id: string;
  key?: string;
  order: number;
  createdAt: number;
  dependencies: string[];
  name: string;
  description?: string;
  ownerAgentId?: string;
  estimatedEffort?: number;
  status: Phase['status'];
  startedAt?: number;
  completedAt?: number;
  actualEffort?: number;
}

export interface AgentRow {
  id: string;
  name: string;
  kind?: string;
  capabilities: Agent['capabilities'];
  registeredAt: number;
  lastSeen: number;
  sessionId?: string;
  keys?: AgentKeys;
  /** Lost and failed attempts by task type. */
  failed: [type: string, count: number][];
}

export interface SessionRow {
  id: string;
  agentId: string;
  leaseMs: number;
  startedAt: number;
  leaseUntil: number;
  patterns: string[];
  endedAt?: number;
}

/** A message without its content, which is JSON text. */
export type MessageRow = Omit<Message, 'content' | 'timestamp' | 'readAt' | 'erasedAt'> & {
  contentJson: string;
  at: number;
  readAt?: number;
  senderMemberId?: string;
  erasedAt?: number;
};
export type AssistanceRow = Omit<Assistance, 'createdAt'> & { createdAt: number };
export type FileRow = Omit<FileWatch, 'lastModified'> & { lastModified: number };
export type ConflictRow = Omit<Conflict, 'createdAt' | 'resolvedAt' | 'resolution' | 'deadline'> & {
  deadline?: number;
  createdAt: number;
  resolvedAt?: number;
  resolutionJson?: string;
};
export interface StateRow {
  key: string;
  valueJson: string;
  version: number;
  agentId?: string;
  updatedAt: number;
}

export type MemberRow = MemberState & { removedAt?: number; changedAt: number };
export type KeyRow = KeyState & {
  secretHash: string;
  revokedAt?: number;
  lastUsedAt?: number;
  changedAt: number;
};

export interface ArtifactRow {
  id: string;
  status: 'uploading' | 'uploaded' | 'stored' | 'deleted';
  /** Number of the upload that its chunks are from. */
  upload: number;
  bytes: number;
  key: WrappedKey;
  chunks: Uint8Array[];
  touchedAt: number;
  sha256?: string;
  name?: string;
  mediaType?: string;
  agentId?: string;
  taskId?: string;
  createdAt?: number;
}

/** A prediction that stands. */
export type PredictionRow = Omit<Prediction, 'since'> & { readonly since: number };

/** All tables of one project. */
export interface ProjectRows {
  readonly project: ProjectRow;
  readonly tasks: Map<string, TaskRow>;
  readonly phases: Map<string, PhaseRow>;
  readonly agents: Map<string, AgentRow>;
  /** Ended ones too. */
  readonly sessions: Map<string, SessionRow>;
  readonly liveSessions: Map<string, SessionRow>;
  /** Removed ones too. */
  readonly members: Map<string, MemberRow>;
  readonly keys: Map<string, KeyRow>;
  /** Names of members, by their ids. */
  readonly people: Map<string, string>;
  /** When members were erased. */
  readonly erasedAt: Map<string, number>;
  readonly messages: Map<string, MessageRow>;
  readonly assistance: Map<string, AssistanceRow>;
  readonly liveState: Map<string, StateRow>;
  readonly files: Map<string, FileRow>;
  readonly conflicts: Map<string, ConflictRow>;
  readonly reservations: Map<string, ReservationState>;
  /** With the place in the log where each was counted. */
  readonly mainCommits: Map<string, number>;
  readonly worktrees: Map<string, WorktreeImage>;
  /** By their causes, in the order in which they were told. */
  readonly predictions: Map<string, PredictionRow>;
  /** Uploads and deleted ones too. */
  readonly artifacts: Map<string, ArtifactRow>;
  /** Up to here the history was forgotten. */
  forgottenSeq: number;
  /** Oldest first. */
  readonly log: LogRecord[];
}

export const emptyRows = (project: ProjectRow): ProjectRows => ({
  project,
  tasks: new Map(),
  phases: new Map(),
  agents: new Map(),
  sessions: new Map(),
  liveSessions: new Map(),
  members: new Map(),
  keys: new Map(),
  people: new Map(),
  erasedAt: new Map(),
  messages: new Map(),
  assistance: new Map(),
  liveState: new Map(),
  files: new Map(),
  conflicts: new Map(),
  reservations: new Map(),
  mainCommits: new Map(),
  worktrees: new Map(),
  predictions: new Map(),
  artifacts: new Map(),
  forgottenSeq: 0,
  log: [],
});
