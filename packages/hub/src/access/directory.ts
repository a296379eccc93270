import type { AccessStore, Credential } from '@agentmix/act-core';
import { LRUCache } from 'lru-cache';

const POLL_MS = 500;
/** What is not heard of for this long is no longer trusted. */
const STALE_MS = 10_000;
/**
 * Changes are asked for again this far back: a row is stamped before its transaction commits, and no transaction of
 * a hub lasts longer (the statement time-out is 30 s).
 */
const OVERLAP_MS = 35_000;
const CREDENTIALS_MAX = 50_000;
/** An id that nobody has is not asked for again so soon. */
const UNKNOWN_MS = 1_000;
const UNKNOWN_MAX = 10_000;

const memberKey = (projectId: string, memberId: string): string => `${projectId}/${memberId}`;
const nameOf = ({ key, projectId, memberId }: Credential): string =>
  key ? key.id : memberKey(projectId, memberId);

/**
 * The members and keys that this hub has met, as the database has them: read once, and from then on kept by asking
 * twice a second what changed. A look-up costs no statement, and a revocation is known within a second.
 */
export class Directory {
  readonly #store: AccessStore;
  readonly #log: (message: string, fields: Record<string, unknown>) => void;
  readonly #now: () => number;
  readonly #known = new LRUCache<string, Credential>({ max: CREDENTIALS_MAX });
  /** When an id was found to be nobody’s. */
  readonly #unknown = new LRUCache<string, number>({ max: UNKNOWN_MAX });
  readonly #asking = new Map<string, Promise<Credential | undefined>>();
  readonly #used = new Set<string>();
  readonly #listeners = new Set<() => void>();
  #heardAt = -Infinity;
  #since: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #polling: Promise<void> | undefined;

  /** `now`: monotonic milliseconds. */
  constructor(
    store: AccessStore,
    log: (message: string, fields: Record<string, unknown>) => void,
    now: () => number = () => performance.now(),
  ) {
    this.#store = store;
    this.#log = log;
    this.#now = now;
  }

  /** False when the database was not heard for so long that nothing here can be trusted. */
  get isFresh(): boolean {
    return this.#now() - this.#heardAt < STALE_MS;
  }

  /** Called after each look at the database, whatever it said: to judge again what is open. */
  onHeard(listener: () => void): void {
    this.#listeners.add(listener);
  }

  async start(): Promise<void> {
    await this.refresh();
    const next = (): void => {
      this.#timer = setTimeout(() => void this.refresh().then(next), POLL_MS);
    };
    next();
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#polling;
    clearTimeout(this.#timer);
  }

  /** A key, or a member without one, that was met before; undefined when it has to be asked for. */
  known(keyId: string | undefined, projectId = '', memberId = ''): Credential | undefined {
    return this.#known.get(keyId ?? memberKey(projectId, memberId));
  }

  /** A key by its id; undefined when there is none. Throws what the store throws. */
  key(keyId: string): Promise<Credential | undefined> {
    return this.#ask(keyId, () => this.#store.findKey(keyId));
  }

  member(projectId: string, memberId: string): Promise<Credential | undefined> {
    return this.#ask(memberKey(projectId, memberId), () => this.#store.findMember(projectId, memberId));
  }

  /** As it is known now, after it changed. */
  current(credential: Credential): Credential {
    return this.#known.get(nameOf(credential)) ?? credential;
  }

  used(keyId: string): void {
    this.#used.add(keyId);
  }

  /** Asks what changed, now. */
  refresh(): Promise<void> {
    this.#polling ??= this.#poll()
      .catch((error: unknown) =>
        this.#log('access not read', { error: error instanceof Error ? error.message : error }),
      )
      .finally(() => {
        this.#polling = undefined;
        for (const listener of this.#listeners) listener();
      });
    return this.#polling;
  }

  async #poll(): Promise<void> {
    const askedAt = this.#now();
    // What was read before the first answer would never be told of as changed.
    if (this.#since === undefined) this.#known.clear();
    const { now, credentials } = await this.#store.accessChanges(this.#since ?? Number.MAX_SAFE_INTEGER);
    // Those never met too: one may stand behind an open stream though it was pushed out of the cache.
    for (const credential of credentials) {
      this.#known.set(nameOf(credential), credential);
      this.#unknown.delete(nameOf(credential));
    }
    this.#since = now - OVERLAP_MS;
    this.#heardAt = askedAt;
    if (this.#used.size === 0) return;
    const used = [...this.#used];
    await this.#store.noteUses(used);
    for (const keyId of used) this.#used.delete(keyId);
  }

  async #ask(name: string, find: () => Promise<Credential | undefined>): Promise<Credential | undefined> {
    const known = this.#known.get(name);
    if (known || this.#now() - (this.#unknown.get(name) ?? -Infinity) < UNKNOWN_MS) return known;
    const asking =
      this.#asking.get(name) ??
      find()
        .then((found) => {
          if (found) this.#known.set(name, found);
          else this.#unknown.set(name, this.#now());
          return found;
        })
        .finally(() => this.#asking.delete(name));
    this.#asking.set(name, asking);
    return asking;
  }
}
