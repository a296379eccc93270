import type { Bus, Store } from '@agentmix/act-core';

/** How often the bus is asked whether it hears. */
const TICK_MS = 100;
const LOOK_MS = 500;
/** While notifications come, the database is asked only for those that were lost. */
const LOOK_WHILE_HEARING_MS = 5_000;

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
  #lookedAt = performance.now();
  #wasHearing = false;

  constructor(options: ReplicasOptions) {
    this.#options = options;
    this.#unsubscribe = options.bus.subscribe(options.onMoved);
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  /** This hub has committed. */
  committed(projectId: string, seq: number): void {
    this.#options.bus.publish(projectId, seq);
  }

  /** This hub wants to write to a project, and another one was faster. */
  wantTo(projectId: string): void {
    this.#options.bus.publish(projectId, 0);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#unsubscribe();
    await this.#looking;
    await this.#options.bus.close();
  }

  #tick(): void {
    const { isHearing } = this.#options.bus;
    // When it hears no more, for what was lost before that was noticed; when it hears again, for what was said meanwhile.
    const hasTurned = isHearing !== this.#wasHearing;
    this.#wasHearing = isHearing;
    const now = performance.now();
    if (!hasTurned && now - this.#lookedAt < (isHearing ? LOOK_WHILE_HEARING_MS : LOOK_MS)) return;
    this.#lookedAt = now;
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
