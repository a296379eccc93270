import { HUB_PROJECT_ID, includesRole, lesserRole, refusal } from '@agentmix/act-contract';
import type { Refusal, Role } from '@agentmix/act-contract';
import { StoreUnavailable } from '@agentmix/act-core';
import type { Caller, Credential } from '@agentmix/act-core';
import { LRUCache } from 'lru-cache';
import type { Directory } from './directory.ts';
import { hashSecret, parseKey, sameHash } from './keys/api-key.ts';

export type Authenticated =
  | { readonly ok: true; readonly credential: Credential }
  | { readonly ok: false; readonly refusal: Refusal };
export type Authorized =
  | { readonly ok: true; readonly caller: Caller }
  | { readonly ok: false; readonly refusal: Refusal };

interface Read {
  readonly keyId: string;
  readonly secretHash: Buffer;
}

const TEXTS_MAX = 10_000;
const UNTRUSTED = refusal('unavailable', 'members and keys cannot be read', { retryAfter: 1 });

const refuse = (value: Refusal): { readonly ok: false; readonly refusal: Refusal } => ({
  ok: false,
  refusal: value,
});

/** What a credential allows: its member’s role, or less where its key says so. */
export const roleOf = ({ role, key }: Credential): Role =>
  key?.role === undefined ? role : lesserRole(role, key.role);

/** Whether it is a member of the hub itself, who may address every project. */
export const isOfHub = ({ projectId }: Credential): boolean => projectId === HUB_PROJECT_ID;

/** Who may do what, the same for every door. Nothing here asks the database about a key that was met before. */
export class Access {
  readonly #directory: Directory;
  readonly #now: () => number;
  /** Texts read before: reading and hashing one costs more than all the rest of a check. */
  readonly #texts = new LRUCache<string, Read>({ max: TEXTS_MAX });
  readonly #open = new Map<() => Refusal | undefined, (reason: Refusal) => void>();

  /** `now`: epoch milliseconds of the database’s clock. */
  constructor(directory: Directory, now: () => number) {
    this.#directory = directory;
    this.#now = now;
    directory.onHeard(() => this.#judgeOpen());
  }

  /** Judges what a caller showed. Answers at once for a key met before, otherwise when it has been looked up. */
  authenticate(token: string | undefined): Authenticated | Promise<Authenticated> {
    if (!this.#directory.isFresh) return refuse(UNTRUSTED);
    const read = token === undefined ? undefined : this.#read(token);
    if (!token || !read) return refuse(refusal('unauthorized'));
    const known = this.#directory.known(read.keyId);
    if (known) return this.#judge(token, read, known);
    return this.#directory.key(read.keyId).then(
      (found) => (found ? this.#judge(token, read, found) : refuse(refusal('unauthorized'))),
      (error: unknown) => {
        if (!(error instanceof StoreUnavailable)) throw error;
        return refuse(UNTRUSTED);
      },
    );
  }

  /** Whether the credential still holds, and why not. */
  check(credential: Credential): Refusal | undefined {
    if (!this.#directory.isFresh) return UNTRUSTED;
    const { isRemoved, key } = this.#directory.current(credential);
    if (isRemoved || key?.isRevoked) return refusal('key_revoked');
    if (key?.expiresAt !== undefined && key.expiresAt <= this.#now()) return refusal('key_expired');
    return undefined;
  }

  /**
   * Judges whether the credential allows something that needs a role in a project. A project it has no part in is
   * answered as one that does not exist.
   */
  authorize(credential: Credential, projectId: string, needed: Role): Authorized {
    const current = this.#directory.current(credential);
    const wrong = this.check(current);
    if (wrong) return refuse(wrong);
    const isOwner = isOfHub(current);
    if (!isOwner && current.projectId !== projectId)
      return refuse(refusal('project_not_found', `no project ${projectId}`));
    const role = roleOf(current);
    if (!includesRole(role, needed)) return refuse(refusal('forbidden', `this needs the role ${needed}`));
    const { memberId, key } = current;
    return { ok: true, caller: { memberId, role, isOwner, ...(key ? { keyId: key.id } : {}) } };
  }

  /** Ends something open, with the reason, when its credential no longer allows it. The returned function forgets it. */
  watch(credential: Credential, projectId: string, needed: Role, end: (reason: Refusal) => void): () => void {
    const judge = (): Refusal | undefined => {
      const answer = this.authorize(credential, projectId, needed);
      return answer.ok ? undefined : answer.refusal;
    };
    this.#open.set(judge, end);
    return () => void this.#open.delete(judge);
  }

  #read(token: string): Read | undefined {
    const known = this.#texts.get(token);
    if (known) return known;
    const key = parseKey(token);
    if (!key) return undefined;
    return { keyId: key.keyId, secretHash: hashSecret(key.secret) };
  }

  #judge(token: string, read: Read, credential: Credential): Authenticated {
    const hash = credential.key?.secretHash ?? '';
    if (!sameHash(read.secretHash, Buffer.from(hash, 'hex'))) return refuse(refusal('unauthorized'));
    this.#texts.set(token, read);
    const wrong = this.check(credential);
    if (wrong) return refuse(wrong);
    this.#directory.used(read.keyId);
    return { ok: true, credential };
  }

  #judgeOpen(): void {
    for (const [judge, end] of this.#open) {
      const reason = judge();
      if (!reason) continue;
      this.#open.delete(judge);
      end(reason);
    }
  }
}
