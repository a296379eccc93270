import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { REFRESH_IDLE_SECONDS, REFRESH_TOKEN_SECONDS, refusal } from '@agentmix/act-contract';
import type { Refusal } from '@agentmix/act-contract';
import type { RefreshGrant, RefreshTokenStore } from '@agentmix/act-core';

const LIFE = { lifeMs: REFRESH_TOKEN_SECONDS * 1_000, idleMs: REFRESH_IDLE_SECONDS * 1_000 };
const SECRET_BYTES = 32;
/** Agents that use one API key at the same time; of more, the one that began first has to exchange the key again. */
const FAMILIES_PER_KEY_MAX = 256;
/** The family’s id, 32 hexadecimal digits, and the secret, base64url of 32 bytes. */
const TEXT_PATTERN = /^act_refresh_([0-9a-f]{32})_([A-Za-z0-9_-]{43})$/;
const TEXT_LENGTH = 88;

export type Refreshed =
  | { readonly grant: RefreshGrant; readonly next: string; readonly expiresAt: number }
  | { readonly refusal: Refusal };

export interface RefreshTokens {
  /** The first token of a new family. */
  open(grant: RefreshGrant): Promise<string>;
  /**
   * Spends a token for the next one. What it was given to has to be checked again by whoever calls: that the API key
   * and the member still are. `token_reused`: someone else may have it too, so everything that followed has ended.
   */
  refresh(text: string): Promise<Refreshed>;
}

/** The secret has 256 random bits, which no one guesses: a plain hash is enough. */
const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');
const newSecret = (): string => randomBytes(SECRET_BYTES).toString('base64url');
const textOf = (familyId: string, secret: string): string => `act_refresh_${familyId}_${secret}`;

const parse = (text: string): { familyId: string; secret: string } | undefined => {
  if (text.length !== TEXT_LENGTH) return undefined;
  const [, familyId, secret] = TEXT_PATTERN.exec(text) ?? [];
  return familyId === undefined || secret === undefined ? undefined : { familyId, secret };
};

/**
 * Refresh tokens of agents (RFC 9700, 4.14): opaque, single use, each spent for the next one. All that follow from one
 * exchange end 24 hours after it, and an hour after the last was made; then the API key is exchanged again.
 */
export const makeRefreshTokens = (store: RefreshTokenStore): RefreshTokens => ({
  open: async (grant) => {
    const familyId = randomUUID().replaceAll('-', '');
    const secret = newSecret();
    const family = { ...grant, familyId, secretHash: hashOf(secret) };
    await store.open(family, LIFE, FAMILIES_PER_KEY_MAX);
    return textOf(familyId, secret);
  },
  refresh: async (text) => {
    const token = parse(text);
    if (!token) return { refusal: refusal('token_invalid') };
    const secret = newSecret();
    const answer = await store.rotate(token.familyId, hashOf(token.secret), hashOf(secret), LIFE);
    switch (answer.outcome) {
      case 'rotated':
        return { grant: answer.grant, next: textOf(token.familyId, secret), expiresAt: answer.expiresAt };
      case 'unknown':
        return { refusal: refusal('token_invalid') };
      case 'expired':
        return { refusal: refusal('token_expired') };
      case 'reused':
        return { refusal: refusal('token_reused') };
    }
  },
});
