import type { FramedEvent, Message } from '@agentmix/act-contract';
import type { AgentState, PhaseState, SessionState, TaskState } from './state.ts';

/** A message’s content on its way to its own table; the log only names it. */
export type Letter = Omit<Message, 'timestamp' | 'readAt'>;

/** What a batch of events touched: the rows that the store has to write, with their final values. */
export interface Changes {
  project: boolean;
  readonly tasks: Map<string, TaskState>;
  /** Tasks and phases that have no row yet. */
  readonly created: Set<string>;
  readonly phases: Map<string, PhaseState>;
  readonly agents: Map<string, AgentState>;
  readonly opened: Map<string, SessionState>;
  readonly patterns: Map<string, SessionState>;
  readonly closed: Set<string>;
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
  opened: new Map(),
  patterns: new Map(),
  closed: new Set(),
  events: [],
  letters: [],
  expiring: new Set(),
});
