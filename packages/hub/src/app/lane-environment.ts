import type { Commit, Store } from '@agentmix/act-core';
import type { DatabaseClock } from './database-clock.ts';

/** What lanes work with, and tell what happened. */
export interface LaneEnvironment {
  readonly store: Store;
  readonly clock: DatabaseClock;
  readonly newId: () => string;
  readonly log: (message: string, fields: Record<string, unknown>) => void;
  /** Other hubs write to the same database: what is in memory may be behind at any moment. */
  readonly isShared: boolean;
  /** A record was committed, by this process. */
  readonly onCommitted: (commit: Commit, seconds: number) => void;
  /** The state was read anew and is at this sequence number: whatever came before is in the log. */
  readonly onLoaded: (projectId: string, seq: number) => void;
  /** Another hub was faster: it should know that this one writes too. */
  readonly onBeaten: (projectId: string) => void;
  /** A session spoke. */
  readonly onSpoke: (projectId: string, sessionId: string) => void;
}
