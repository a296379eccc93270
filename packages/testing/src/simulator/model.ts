import type {
  Capability,
  FramedEvent,
  ProjectSettings,
  ReservedRegion,
  WorktreeFile,
  ExactMerge,
} from '@agentmix/act-contract';
import { insist } from './violation.ts';

/**
 * What the log says, read without the core: plain sets, nothing derived, every rule written out anew. It is what the
 * core is checked against, so it shares no code with it.
 */
export interface ModelTask {
  readonly id: string;
  readonly key?: string | undefined;
  readonly phaseId?: string | undefined;
  readonly dependencies: Set<string>;
  requires: readonly Capability[];
  priority: number;
  minutes: number;
  condition: 'waiting' | 'ready' | 'held' | 'blocked' | 'parked' | 'completed' | 'cancelled';
  holder?: { readonly sessionId: string; readonly agentId: string } | undefined;
  /** While blocked: by whom, and the agent that it waits for. */
  waits?: { readonly by: string; readonly on: string } | undefined;
  epoch: number;
  attempts: number;
  /** The commit that perhaps did it. */
  settled?: string | undefined;
}

export interface ModelPhase {
  readonly id: string;
  readonly key?: string | undefined;
  readonly dependencies: readonly string[];
  isCompleted: boolean;
}

export interface ModelSession {
  readonly id: string;
  readonly agentId: string;
  readonly leaseMs: number;
  leaseUntil: number;
  isLive: boolean;
}

/** A region that a session has or waits for; `place` is where in the log it began to. */
export interface ModelReservation {
  readonly sessionId: string;
  readonly region: ReservedRegion;
  readonly taskId?: string | undefined;
  readonly isQueued: boolean;
  readonly place: number;
  renewedAt: number;
}

export interface ModelWorktree {
  readonly sessionId: string;
  readonly agentId: string;
  readonly tree: string;
  readonly files: Map<string, WorktreeFile>;
  readonly merges: readonly ExactMerge[];
}

export interface Model {
  seq: number;
  hash: string;
  isArchived: boolean;
  settings: ProjectSettings;
  readonly tasks: Map<string, ModelTask>;
  readonly phases: Map<string, ModelPhase>;
  readonly sessions: Map<string, ModelSession>;
  readonly agents: Map<string, readonly Capability[]>;
  readonly requests: Set<string>;
  readonly members: Set<string>;
  /** By their ids, with their member and whether they were revoked. */
  readonly keys: Map<string, { readonly memberId: string; isRevoked: boolean }>;
  readonly conflicts: Set<string>;
  readonly reservations: Map<string, ModelReservation>;
  readonly mainCommits: Set<string>;
  readonly worktrees: Map<string, ModelWorktree>;
  /** Causes of predictions that stand. */
  readonly predictions: Set<string>;
  readonly stateKeys: Map<string, number>;
  readonly artifacts: Set<string>;
  readonly messages: string[];
  readonly commandIds: Set<string>;
  /** Tasks whose last attempt was lost in this record and that must be parked in it. */
  readonly parking: Set<string>;
  /** Phases that lost an open task in this record. */
  readonly closing: Set<string>;
}

export const makeModel = (genesisHash: string, settings: ProjectSettings): Model => ({
  seq: 0,
  hash: genesisHash,
  isArchived: false,
  settings,
  tasks: new Map(),
  phases: new Map(),
  sessions: new Map(),
  agents: new Map(),
  requests: new Set(),
  members: new Set(),
  keys: new Map(),
  conflicts: new Set(),
  reservations: new Map(),
  mainCommits: new Set(),
  worktrees: new Map(),
  predictions: new Set(),
  stateKeys: new Map(),
  artifacts: new Set(),
  messages: [],
  commandIds: new Set(),
  parking: new Set(),
  closing: new Set(),
});

export const isOpen = ({ condition }: ModelTask): boolean =>
  condition !== 'completed' && condition !== 'cancelled';

/** Names of what a task waits for. */
export const waitsFor = (model: Model, task: ModelTask): string[] => {
  const tasks = [...task.dependencies].filter((id) => {
    const other = model.tasks.get(id);
    return other !== undefined && isOpen(other);
  });
  const phase = task.phaseId === undefined ? undefined : model.phases.get(task.phaseId);
  const phases = (phase?.dependencies ?? []).filter((id) => model.phases.get(id)?.isCompleted === false);
  return [...tasks, ...phases];
};

export const canDo = (capabilities: readonly Capability[], requires: readonly Capability[]): boolean => {
  const best = new Map<string, number>();
  for (const { name, level } of capabilities) best.set(name, Math.max(level, best.get(name) ?? -1));
  return requires.every(({ name, level }) => (best.get(name) ?? -1) >= level);
};

export const knownTask = (model: Model, id: string, event: FramedEvent): ModelTask => {
  const task = model.tasks.get(id);
  if (!task) throw new Error(`${event.type} about an unknown task ${id}`);
  return task;
};

export const knownPhase = (model: Model, id: string): ModelPhase => {
  const phase = model.phases.get(id);
  if (!phase) throw new Error(`an event about an unknown phase ${id}`);
  return phase;
};

/** After each record: nothing half done. */
export const checkSettled = (model: Model): void => {
  insist(model.parking.size === 0, () => `not parked after the last attempt: ${[...model.parking].join()}`);
  const openPhases = new Set<string>();
  for (const task of model.tasks.values()) {
    if (!isOpen(task)) continue;
    if (task.phaseId !== undefined) openPhases.add(task.phaseId);
    const waits = waitsFor(model, task);
    if (task.condition === 'ready')
      insist(waits.length === 0, () => `${task.id} is ready but waits for ${waits.join()}`);
    if (task.condition === 'waiting')
      insist(waits.length > 0, () => `${task.id} waits for nothing but is not ready`);
    if (task.condition !== 'held') continue;
    const session = model.sessions.get(task.holder?.sessionId ?? '');
    insist(session?.isLive === true, () => `${task.id} is held by session ${session?.id}, which has ended`);
  }
  for (const id of model.closing) {
    const isDone = model.phases.get(id)?.isCompleted === true;
    insist(isDone || openPhases.has(id), () => `phase ${id} has no open task left but is not completed`);
  }
  model.closing.clear();
};

/** After each record: no agents wait for each other in a circle of blocked tasks; whoever waits for itself is none. */
export const checkCircles = (model: Model): void => {
  const blocked = [...model.tasks.values()].flatMap(({ condition, waits }) =>
    condition === 'blocked' && waits && waits.by !== waits.on ? [waits] : [],
  );
  for (const { by, on } of blocked) {
    const reached = new Set([on]);
    for (const agent of reached) for (const wait of blocked) if (wait.by === agent) reached.add(wait.on);
    insist(!reached.has(by), () => `${by} waits for ${on}, which waits for ${by}`);
  }
};
