import { HUB_PROJECT_ID, includesRole, lesserRole, refusal } from '@agentmix/act-contract';
import type { AccessClaims, Refusal, Role } from '@agentmix/act-contract';
import { StoreUnavailable } from '@agentmix/act-core';
import type { Caller, Credential } from '@agentmix/act-core';
import { LRUCache } from 'lru-cache';
import type { Directory } from './directory.ts';
import { hashSecret, parseKey, sameHash } from './keys/api-key.ts';
import { refusalOf } from './tokens/token-flaw.ts';
import type { TokenVerifier } from './tokens/verify-token.ts';

/** What a caller showed and is: a key, or a token that was made from one and may say less. */
export interface Bearer {
  /** Both are renewed on connections that outlive a token. */
  credential: Credential;
  token?: {
    readonly role: Role;
    /** Epoch milliseconds. */
    readonly until: number;
  };
}

export type Authenticated =
  | { readonly ok: true; readonly bearer: Bearer }
  | { readonly ok: false; readonly refusal: Refusal };
export type Authorized =
  | { readonly ok: true; readonly caller: Caller }
  | { readonly ok: false; readonly refusal: Refusal };

/** What a key’s text was found to be. */
interface ReadText {
  readonly keyId: string;
  /** Hexadecimal; the credential’s own when the text was compared with it. */
  readonly secretHash: string;
}

const TEXTS_MAX = 10_000;
const UNTRUSTED = refusal('unavailable', 'members and keys cannot be read', { retryAfter: 1 });

const refuse = (value: Refusal): { readonly ok: false; readonly refusal: Refusal } => ({
  ok: false,
  refusal: value,
});

const lesserOf = (role: Role, bound: Role | undefined): Role => (bound ? lesserRole(role, bound) : role);

/** What a bearer may be at most: its member’s role, or less where its key or its token says so. */
export const roleOf = ({ credential: { role, key }, token }: Bearer): Role =>
  lesserOf(lesserOf(role, key?.role), token?.role);

/** Whether it is a member of the hub itself, who may address every project. */
export const isOfHub = ({ credential }: Bearer): boolean => credential.projectId === HUB_PROJECT_ID;

/** Access tokens begin so: the base64url of `{"`. API keys begin with `act_`. */
const isAccessToken = (text: string): boolean => text.startsWith('eyJ');

/** Who may do what, the same for every door. Nothing here asks the database about a key that was met before. */
export class Access {
  readonly #directory: Directory;
  readonly #tokens: TokenVerifier;
  readonly #now: () => number;
  /** Texts of keys that were good: reading and hashing one costs more than all the rest of a check. */
  readonly #texts = new LRUCache<string, ReadText>({ max: TEXTS_MAX });
  readonly #open = new Map<() => Refusal | undefined, (reason: Refusal) => void>();

  /** `now`: epoch milliseconds of the database’s clock. */
  constructor(directory: Directory, tokens: TokenVerifier, now: () => number) {
    this.#directory = directory;
    this.#tokens = tokens;
    this.#now = now;
    directory.onHeard(() => this.#judgeOpen());
  }

  /** Judges what a caller showed. Answers at once for a key or token met before, otherwise when it has been looked up. */
  authenticate(text: string | undefined): Authenticated | Promise<Authenticated> {
    if (!this.#directory.isFresh) return refuse(UNTRUSTED);
    if (text === undefined) return refuse(refusal('unauthorized'));
    return this.recall(text) ?? (isAccessToken(text) ? this.#lookUpToken(text) : this.#lookUpKey(text));
  }

  /** What a key or token is worth now that was good when last seen; undefined for any other. */
  recall(text: string): Authenticated | undefined {
    if (!this.#directory.isFresh) return refuse(UNTRUSTED);
    return isAccessToken(text) ? this.#recallToken(text) : this.#recallKey(text);
  }

  /** Whether the bearer still is one, and why not. */
  check({ credential, token }: Bearer): Refusal | undefined {
    if (!this.#directory.isFresh) return UNTRUSTED;
    const { isRemoved, key } = this.#directory.current(credential);
    if (isRemoved || key?.isRevoked) return refusal('key_revoked');
    if (key?.expiresAt !== undefined && key.expiresAt <= this.#now()) return refusal('key_expired');
    return token && token.until <= this.#now() ? refusal('token_expired') : undefined;
  }

  /**
   * Judges whether the bearer may do something that needs a role in a project. A project it has no part in is
   * answered as one that does not exist.
   */
  authorize(bearer: Bearer, projectId: string, needed: Role): Authorized {
    const wrong = this.check(bearer);
    if (wrong) return refuse(wrong);
    const current = { ...bearer, credential: this.#directory.current(bearer.credential) };
    const isOwner = isOfHub(current);
    if (!isOwner && current.credential.projectId !== projectId)
      return refuse(refusal('project_not_found', `no project ${projectId}`));
    const role = roleOf(current);
    if (!includesRole(role, needed)) return refuse(refusal('forbidden', `this needs the role ${needed}`));
    const { memberId, kind, key } = current.credential;
    return {
      ok: true,
      caller: { memberId, role, isOwner, ...(isOwner ? { kind } : {}), ...(key ? { keyId: key.id } : {}) },
    };
  }

  /** Ends something open, with the reason, when its bearer may no longer have it. The returned function forgets it. */
  watch(bearer: Bearer, projectId: string, needed: Role, end: (reason: Refusal) => void): () => void {
    const judge = (): Refusal | undefined => {
      const answer = this.authorize(bearer, projectId, needed);
      return answer.ok ? undefined : answer.refusal;
    };
    this.#open.set(judge, end);
    return () => void this.#open.delete(judge);
  }

  #recallKey(text: string): Authenticated | undefined {
    const known = this.#texts.get(text);
    const credential = known && this.#directory.known(known.keyId);
    if (!credential) return undefined;
    // The text is one that proved itself: how long this comparison takes tells nothing.
    return known.secretHash === credential.key?.secretHash
      ? this.#judgeKey(credential)
      : refuse(refusal('unauthorized'));
  }

  #lookUpKey(text: string): Authenticated | Promise<Authenticated> {
    const key = parseKey(text);
    if (!key) return refuse(refusal('unauthorized'));
    const hash = hashSecret(key.secret);
    return this.#lookUp(this.#directory.known(key.keyId) ?? this.#directory.key(key.keyId), (credential) => {
      const secretHash = credential.key?.secretHash ?? '';
      if (!sameHash(hash, Buffer.from(secretHash, 'hex'))) return refuse(refusal('unauthorized'));
      this.#texts.set(text, { keyId: key.keyId, secretHash });
      return this.#judgeKey(credential);
    });
  }

  #judgeKey(credential: Credential): Authenticated {
    const bearer = { credential };
    const wrong = this.check(bearer);
    if (wrong) return refuse(wrong);
    if (credential.key) this.#directory.used(credential.key.id);
    return { ok: true, bearer };
  }

  #recallToken(text: string): Authenticated | undefined {
    const verdict = this.#tokens.recall(text);
    if (!verdict) return undefined;
    if ('flaw' in verdict) return refuse(refusalOf(verdict.flaw));
    const { claims } = verdict;
    const credential = this.#directory.known(claims.key, claims.prj, claims.sub);
    return credential && this.#judgeClaims(claims, credential);
  }

  async #lookUpToken(text: string): Promise<Authenticated> {
    const verdict = await this.#tokens.verify(text);
    if ('flaw' in verdict) return refuse(refusalOf(verdict.flaw));
    const { claims } = verdict;
    const { key, prj, sub } = claims;
    const credential =
      this.#directory.known(key, prj, sub) ??
      (key === undefined ? this.#directory.member(prj, sub) : this.#directory.key(key));
    return this.#lookUp(credential, (found) => this.#judgeClaims(claims, found));
  }

  #judgeClaims(claims: AccessClaims, credential: Credential): Authenticated {
    const isOther = credential.projectId !== claims.prj || credential.memberId !== claims.sub;
    // Without a key there would be none to revoke: only people who signed in elsewhere have such tokens.
    if (isOther || (!credential.key && credential.kind !== 'human')) return refuse(refusal('token_invalid'));
    const bearer = { credential, token: { role: claims.rol, until: claims.exp * 1_000 } };
    const wrong = this.check(bearer);
    return wrong ? refuse(wrong) : { ok: true, bearer };
  }

  /** Judges a credential that the directory has, or asks for. */
  #lookUp(
    asked: Credential | Promise<Credential | undefined>,
    judge: (credential: Credential) => Authenticated,
  ): Authenticated | Promise<Authenticated> {
    if (!(asked instanceof Promise)) return judge(asked);
    return asked.then(
      (found) => (found ? judge(found) : refuse(refusal('unauthorized'))),
      (error: unknown) => {
        if (!(error instanceof StoreUnavailable)) throw error;
        return refuse(UNTRUSTED);
      },
    );
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
