import type { Bus, Store } from '@agentmix/act-core';

const LOOK_MS = 1_000;
/** While notifications come, the database is asked only for those that were lost. */
const LOOKS_SKIPPED_WHILE_HEARING = 4;

export interface ReplicasOptions {
  readonly bus: Bus;
  readonly store: Pick<Store, 'lastSeqs'>;
  /** Projects that somebody here uses or follows. */
  readonly projectIds: () => Iterable<string>;
  /** The log of a project reaches this far; often no news. */
  readonly onMoved: (projectId: string, seq: number) => void;
  readonly log: (message: string, fields: Record<string, unknown>) => void;
}

/**
 * What other hubs of the database do, as far as this one has to know: that a project has moved on. It is heard on the
 * bus, and looked for in the database, because a notification may be lost.
 */
export class Replicas {
  readonly #options: ReplicasOptions;
  readonly #unsubscribe: () => void;
  readonly #timer: NodeJS.Timeout;
  #looking: Promise<void> | undefined;
  #skipped = 0;
  #wasHearing = false;

  constructor(options: ReplicasOptions) {
    this.#options = options;
    this.#unsubscribe = options.bus.subscribe(options.onMoved);
    this.#timer = setInterval(() => this.#tick(), LOOK_MS);
  }

  /** This hub has committed. */
  committed(projectId: string, seq: number): void {
    this.#options.bus.publish(projectId, seq);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#unsubscribe();
    await this.#looking;
    await this.#options.bus.close();
  }

  #tick(): void {
    const { isHearing } = this.#options.bus;
    // Once more after it hears again: for what was said meanwhile.
    const isSkipped = isHearing && this.#wasHearing && this.#skipped < LOOKS_SKIPPED_WHILE_HEARING;
    this.#wasHearing = isHearing;
    this.#skipped = isSkipped ? this.#skipped + 1 : 0;
    if (isSkipped) return;
    this.#looking ??= this.#look()
      .catch((error: unknown) =>
        this.#options.log('other hubs’ commits were not looked for', { error: String(error) }),
      )
      .finally(() => (this.#looking = undefined));
  }

  async #look(): Promise<void> {
    const projectIds = [...new Set(this.#options.projectIds())];
    if (projectIds.length === 0) return;
    for (const [projectId, seq] of await this.#options.store.lastSeqs(projectIds))
      this.#options.onMoved(projectId, seq);
  }
}
