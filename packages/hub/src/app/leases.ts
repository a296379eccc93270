import type { LeaseOfSession, Store } from '@agentmix/act-core';

const RENEWALS_PER_STATEMENT_MAX = 5_000;

/** Renewals accepted in memory and written together: thousands of heartbeats a second cost one statement. */
export class Leases {
  readonly #store: Store;
  readonly #onRenewed: (sessions: readonly LeaseOfSession[]) => void;
  #spoke = new Map<string, LeaseOfSession>();

  /** `onRenewed`: these sessions were heard, and their leases are written. */
  constructor(store: Store, onRenewed: (sessions: readonly LeaseOfSession[]) => void = () => undefined) {
    this.#store = store;
    this.#onRenewed = onRenewed;
  }

  spoke(projectId: string, sessionId: string): void {
    if (!this.#spoke.has(sessionId)) this.#spoke.set(sessionId, { projectId, sessionId });
  }

  /** Whether the session spoke since the last flush. */
  isPending(sessionId: string): boolean {
    return this.#spoke.has(sessionId);
  }

  /** Writes what was collected; what could not be written is kept for the next time. */
  async flush(): Promise<void> {
    const renewals = [...this.#spoke.values()];
    this.#spoke = new Map();
    for (let first = 0; first < renewals.length; first += RENEWALS_PER_STATEMENT_MAX) {
      const part = renewals.slice(first, first + RENEWALS_PER_STATEMENT_MAX);
      try {
        await this.#store.renewLeases(part);
        this.#onRenewed(part);
      } catch (error) {
        for (const renewal of renewals.slice(first))
          if (!this.#spoke.has(renewal.sessionId)) this.#spoke.set(renewal.sessionId, renewal);
        throw error;
      }
    }
  }
}
