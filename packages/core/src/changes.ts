import type { FramedEvent, Message } from '@agentmix/act-contract';
import type { ReservationState } from './reservations/book.ts';
import { causeOf } from './predictions/predictions.ts';
import type { WorktreeState } from './predictions/worktree.ts';
import type { AgentState, KeyState, MemberState, PhaseState, SessionState, TaskState } from './state.ts';

/** A message’s content on its way to its own table; the log only names it. */
export type Letter = Omit<Message, 'timestamp' | 'readAt' | 'erasedAt'> & {
  /** The member that gave the command, so that its messages are found when it is erased. */
  readonly senderMemberId?: string;
};

/** The hash of a key’s secret, which no event tells. */
export interface Secret {
  readonly keyId: string;
  readonly secretHash: string;
}
/** The name of a member, which is a person’s and therefore in a table of its own. */
export interface PersonName {
  readonly memberId: string;
  readonly name: string;
}

/** What a batch of events touched: the rows that the store has to write, with their final values. */
export interface Changes {
  project: boolean;
  readonly tasks: Map<string, TaskState>;
  /** Tasks and phases that have no row yet. */
  readonly created: Set<string>;
  readonly phases: Map<string, PhaseState>;
  readonly agents: Map<string, AgentState>;
  readonly members: Map<string, MemberState>;
  readonly removedMembers: Set<string>;
  /** Members whose personal data the rows forget. */
  readonly erased: Set<string>;
  readonly keys: Map<string, KeyState>;
  readonly secrets: Secret[];
  readonly names: PersonName[];
  readonly opened: Map<string, SessionState>;
  readonly patterns: Map<string, SessionState>;
  readonly closed: Set<string>;
  readonly reservations: Map<string, ReservationState>;
  /** Reservations whose rows are deleted; one that came and went in the batch has none. */
  readonly endedReservations: Set<string>;
  /** Commits of the main branch with the place in the log where they were counted. */
  readonly mainCommits: Map<string, number>;
  /** Those that are too old to be remembered. */
  readonly forgottenCommits: Set<string>;
  readonly worktrees: Map<string, WorktreeState>;
  /** Keys of worktrees whose rows are deleted. */
  readonly endedWorktrees: Set<string>;
  readonly events: FramedEvent[];
  readonly letters: Letter[];
  /** Sessions that the batch ends because their lease ran out; the store judges that again by its own clock. */
  readonly expiring: Set<string>;
}

export const noChanges = (): Changes => ({
  project: false,
  tasks: new Map(),
  created: new Set(),
  phases: new Map(),
  agents: new Map(),
  members: new Map(),
  removedMembers: new Set(),
  erased: new Set(),
  keys: new Map(),
  secrets: [],
  names: [],
  opened: new Map(),
  patterns: new Map(),
  closed: new Set(),
  reservations: new Map(),
  endedReservations: new Set(),
  mainCommits: new Map(),
  forgottenCommits: new Set(),
  worktrees: new Map(),
  endedWorktrees: new Set(),
  events: [],
  letters: [],
  expiring: new Set(),
});

/** Steps whose effect on a task’s row is only its status, holder, epoch, attempts and times. */
const PLAIN_STEPS = new Set<FramedEvent['type']>([
  'task.claimed',
  'task.ready',
  'task.pending',
  'task.cancelled',
]);

export const isPlainStep = (event: FramedEvent): boolean =>
  PLAIN_STEPS.has(event.type) ||
  (event.type === 'task.completed' && event.data.result === undefined) ||
  (event.type === 'task.released' && event.data.note === undefined && event.data.checkpoint === undefined);

/** Whether members or keys were changed. */
export const touchesAccess = ({ members, removedMembers, erased, keys, names }: Changes): boolean =>
  members.size + removedMembers.size + erased.size + keys.size + names.length > 0;

/**
 * Whether the rows of a batch may be written later. They can be made again from its events alone, by whoever loads
 * the project next; so nothing but plain steps of tasks may be in it.
 */
export const canDefer = (changes: Changes): boolean =>
  !changes.project &&
  changes.letters.length === 0 &&
  !touchesAccess(changes) &&
  [changes.created, changes.phases, changes.agents, changes.opened, changes.patterns, changes.closed].every(
    ({ size }) => size === 0,
  ) &&
  changes.events.every(isPlainStep);

type ArtifactEvent = Extract<FramedEvent, { type: 'artifact.stored' | 'artifact.deleted' }>;

/** What a batch does to stored files, each only once: its last event about each of them. */
export const artifactSteps = (
  changes: Changes,
): {
  readonly stored: readonly Extract<ArtifactEvent, { type: 'artifact.stored' }>[];
  readonly deleted: readonly string[];
} => {
  const last = new Map<string, ArtifactEvent>();
  for (const event of changes.events)
    if (event.type === 'artifact.stored' || event.type === 'artifact.deleted')
      last.set(event.data.artifactId, event);
  const events = [...last.values()];
  return {
    stored: events.filter((event) => event.type === 'artifact.stored'),
    deleted: events.filter(({ type }) => type === 'artifact.deleted').map(({ data }) => data.artifactId),
  };
};

type PredictionEvent = Extract<FramedEvent, { type: 'conflict.predicted' | 'conflict.withdrawn' }>;

/** What a batch does to predictions: its last event about each cause. */
export const predictionSteps = (changes: Changes): PredictionEvent[] => {
  const last = new Map<string, PredictionEvent>();
  for (const event of changes.events)
    if (event.type === 'conflict.predicted' || event.type === 'conflict.withdrawn')
      last.set(causeOf(event.data), event);
  return [...last.values()];
};
