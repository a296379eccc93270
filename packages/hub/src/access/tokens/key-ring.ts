import { setTimeout as sleep } from 'node:timers/promises';
import { refusal } from '@agentmix/act-contract';
import type { Refusal } from '@agentmix/act-contract';
import { KeyRefused, StoreUnavailable } from '@agentmix/act-core';
import type { KeyProvider, SigningKey, SigningKeyStore } from '@agentmix/act-core';
import type { DatabaseClock } from '../../app/database-clock.ts';
import { ConfigError } from '../../config/integer.ts';
import { HEARD_MS_MAX, overAmong, signerAmong } from './key-life.ts';
import { shareLoads } from './next-load.ts';
import { makeSigningKey, openSigningKey } from './signing-key.ts';
import type { OpenSigningKey } from './signing-key.ts';

export interface KeyRingOptions {
  readonly store: SigningKeyStore;
  readonly keyProvider: KeyProvider;
  readonly clock: DatabaseClock;
  readonly log: (message: string, fields: Record<string, unknown>) => void;
  /** A key signs for so long before the next one is made. */
  readonly rotateMs?: number;
  /** Other hubs sign with these keys too: one that this hub cannot open is a reason not to serve. */
  readonly isShared?: boolean;
  /** A key is published for so long before it signs; also the life of key sets in caches. */
  readonly publishAheadMs?: number;
}

const ROTATE_MS_DEFAULT = 24 * 3_600_000;
const PUBLISH_AHEAD_MS_DEFAULT = 60_000;
const TICK_MS = 500;
/** Loads are at least so far apart, also those that unknown key ids ask for: five statements a second at most. */
const LOAD_EVERY_MS = 200;
/** Tokens with an unknown key id that wait for a load at once; more are told at once that it is unknown. */
const WAITERS_MAX = 1_024;
const KEYS_MAX = 32;

/**
 * The keys that sign access tokens, as this process knows them: read from the store twice a second, and when a token
 * names an unknown one. Any hub rotates when the newest key is old enough, and destroys keys that no token needs.
 */
export class KeyRing {
  readonly publishAheadMs: number;
  readonly #options: KeyRingOptions;
  readonly #rotateMs: number;
  readonly #stopped = new AbortController();
  readonly #loadNext = shareLoads(() => this.#load(), LOAD_EVERY_MS);
  #keys: readonly OpenSigningKey[] = [];
  #byKid: ReadonlyMap<string, OpenSigningKey> = new Map();
  /** Keys of a master key that this hub does not have; told once. */
  #refused = new Set<string>();
  #lastNumber = 0;
  #heardAt = -Infinity;
  #waiters = 0;
  #running: Promise<void> | undefined;

  private constructor(options: KeyRingOptions) {
    this.#options = options;
    this.#rotateMs = options.rotateMs ?? ROTATE_MS_DEFAULT;
    this.publishAheadMs = options.publishAheadMs ?? PUBLISH_AHEAD_MS_DEFAULT;
  }

  /**
   * Reads the keys, makes the first one where there is none, and follows what other hubs do until it is closed. Throws
   * ConfigError where other hubs have another master key.
   */
  static async open(options: KeyRingOptions): Promise<KeyRing> {
    const ring = new KeyRing(options);
    await ring.#loadNext();
    ring.#checkOpened();
    await ring.#tend();
    ring.#checkOpened();
    ring.#running = ring.#follow();
    return ring;
  }

  async close(): Promise<void> {
    this.#stopped.abort();
    await this.#running;
  }

  /** Whether the store was heard lately: otherwise a key may have been retired without this hub’s knowing. */
  get isFresh(): boolean {
    return performance.now() - this.#heardAt <= HEARD_MS_MAX;
  }

  /** The key to sign with now; none while the store is not heard. */
  get signer(): OpenSigningKey | undefined {
    if (!this.isFresh) return undefined;
    return signerAmong(this.#keys, this.#options.clock.now(), this.publishAheadMs);
  }

  /** Every trusted key, oldest first. */
  get keys(): readonly OpenSigningKey[] {
    return this.#keys;
  }

  has(kid: string): boolean {
    return this.#byKid.has(kid);
  }

  /** The trusted key of this id. An unknown one is looked for in the store, with all others that ask meanwhile. */
  async find(kid: string): Promise<OpenSigningKey | undefined> {
    const known = this.#byKid.get(kid);
    if (known || this.#waiters >= WAITERS_MAX) return known;
    this.#waiters++;
    try {
      await this.#loadNext();
    } finally {
      this.#waiters--;
    }
    return this.#byKid.get(kid);
  }

  /** Makes the next key. Resolves when this hub has it, or the one that another hub made at the same moment. */
  async rotate(): Promise<Refusal | undefined> {
    if (this.#keys.length >= KEYS_MAX)
      return refusal('limit_reached', `${KEYS_MAX} signing keys are in use; wait until tokens have expired`);
    const key = await makeSigningKey(this.#options.keyProvider, this.#lastNumber + 1);
    await this.#options.store.add(key);
    await this.#loadNext();
    return undefined;
  }

  /** Ends the trust in a key at once, for one that leaked: its tokens are refused, on other hubs within a second. */
  async retire(kid: string): Promise<void> {
    if (this.#keys.every((key) => key.kid === kid)) await this.rotate();
    await this.#options.store.retire(kid);
    await this.#loadNext();
  }

  #checkOpened(): void {
    if (!this.#options.isShared || this.#refused.size === 0) return;
    throw new ConfigError(
      `other hubs of this database have another master key than this one, whose id is ` +
        `${this.#options.keyProvider.currentKeyId}: give it the master.key of the hub that came first, or the same ` +
        'ACT_MASTER_KEY, ACT_MASTER_KEY_FILE or ACT_MASTER_KEY_COMMAND as all others',
    );
  }

  async #follow(): Promise<void> {
    const { signal } = this.#stopped;
    for (;;) {
      await sleep(TICK_MS, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      try {
        await this.#loadNext();
        await this.#tend();
      } catch (error) {
        this.#options.log('signing keys were not read', { error: String(error) });
      }
    }
  }

  /** What time has made necessary. */
  async #tend(): Promise<void> {
    const now = this.#options.clock.now();
    const newest = this.#keys.at(-1);
    if (!newest || newest.createdAt + this.#rotateMs <= now) await this.rotate();
    const over = overAmong(this.#keys, now, this.publishAheadMs);
    for (const { kid } of over) await this.#options.store.retire(kid);
  }

  async #load(): Promise<void> {
    const startedAt = performance.now();
    const { keys, lastNumber, now } = await this.#options.store.list();
    this.#options.clock.anchor(now);
    const opened = await Promise.all(keys.map(async (key) => this.#byKid.get(key.kid) ?? this.#open(key)));
    this.#keys = opened.filter((key) => key !== undefined);
    this.#byKid = new Map(this.#keys.map((key) => [key.kid, key]));
    this.#refused = new Set(keys.map(({ kid }) => kid).filter((kid) => !this.#byKid.has(kid)));
    this.#lastNumber = lastNumber;
    this.#heardAt = startedAt;
  }

  /** A key that no master key of this hub opens is none of its keys. */
  async #open(key: SigningKey): Promise<OpenSigningKey | undefined> {
    if (this.#refused.has(key.kid)) return undefined;
    try {
      return await openSigningKey(this.#options.keyProvider, key);
    } catch (error) {
      if (!(error instanceof KeyRefused))
        throw new StoreUnavailable('the master key cannot be reached', { cause: error });
      this.#options.log('a signing key is not of this hub’s master key', {
        kid: key.kid,
        masterKeyId: key.privateKey.keyId,
      });
      return undefined;
    }
  }
}
