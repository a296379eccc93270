import type { LeaseOfSession, Store } from '@agentmix/act-core';

const RENEWALS_PER_STATEMENT_MAX = 5_000;

/** Renewals accepted in memory and written together: thousands of heartbeats a second cost one statement. */
export class Leases {
  readonly #store: Store;
  #spoke = new Map<string, LeaseOfSession>();

  constructor(store: Store) {
    this.#store = store;
  }

  spoke(projectId: string, sessionId: string): void {
    this.#spoke.set(sessionId, { projectId, sessionId });
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
        this.#keep(await this.#store.renewLeases(part));
      } catch (error) {
        this.#keep(renewals.slice(first));
        throw error;
      }
    }
  }

  #keep(renewals: readonly LeaseOfSession[]): void {
    for (const renewal of renewals)
      if (!this.#spoke.has(renewal.sessionId)) this.#spoke.set(renewal.sessionId, renewal);
  }
}
