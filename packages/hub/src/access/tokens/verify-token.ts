import { ACCESS_TOKEN_SECONDS, AccessClaims } from '@agentmix/act-contract';
import { StoreUnavailable } from '@agentmix/act-core';
import { compactVerify, errors } from 'jose';
import type { TokenAuthority } from './issue-token.ts';
import { EARLY_LEEWAY_SECONDS } from './key-life.ts';
import { readToken } from './read-token.ts';
import { makeSeenTokens } from './seen-tokens.ts';
import type { OpenSigningKey } from './signing-key.ts';
import type { TokenFlaw } from './token-flaw.ts';

export type TokenVerdict = { readonly claims: AccessClaims } | { readonly flaw: TokenFlaw };

export interface TokenVerifier {
  /** Judges a token that was verified before, at once and without cryptography; undefined for any other. */
  recall(token: string): TokenVerdict | undefined;
  verify(token: string): Promise<TokenVerdict>;
}

/**
 * How long after `exp` a token is still taken. All hubs go by the database’s clock and differ by the time that its
 * answers take, which this covers; more would make every token live longer. `iat` and `nbf` may have the usual 30 s:
 * being early gives nobody anything.
 */
const LATE_LEEWAY_SECONDS = 2;
/** About 5 MB. */
const SEEN_TOKENS_MAX = 10_000;

/** What was signed, judged by the time: again at each use. */
const judge = (claims: AccessClaims, nowMs: number): TokenVerdict => {
  const now = nowMs / 1000;
  if (now >= claims.exp + LATE_LEEWAY_SECONDS) return { flaw: 'expired' };
  if (Math.max(claims.iat, claims.nbf ?? 0) > now + EARLY_LEEWAY_SECONDS) return { flaw: 'not_yet_valid' };
  return { claims };
};

const isSignedBy = async (token: string, { publicKey }: OpenSigningKey): Promise<boolean> => {
  try {
    await compactVerify(token, publicKey, { algorithms: ['EdDSA'] });
    return true;
  } catch (error) {
    if (error instanceof errors.JOSEError) return false;
    throw error;
  }
};

/** What a signed payload claims, or what is wrong with it whatever the time. */
const claimsOf = (payload: unknown, issuer: string): TokenVerdict => {
  const read = AccessClaims.safeParse(payload);
  if (!read.success) return { flaw: 'malformed' };
  const { iss, aud, iat, exp, key, agt } = read.data;
  if (iss !== issuer || aud !== issuer) return { flaw: 'other_audience' };
  // The hub makes none that lives longer, nor one that ends before it begins.
  if (exp <= iat || exp - iat > ACCESS_TOKEN_SECONDS) return { flaw: 'malformed' };
  // An agent’s token ends with the key it came from: only people have tokens without one.
  if (agt !== undefined && key === undefined) return { flaw: 'malformed' };
  return { claims: read.data };
};

/**
 * Checks access tokens (RFC 9068, 8725): the form first, then the key, the signature, and what was signed. EdDSA with
 * Ed25519 is the only algorithm, and a token does not choose its key but names one that the hub trusts.
 */
export const makeTokenVerifier = (
  { ring, issuer, clock }: TokenAuthority,
  seenMax = SEEN_TOKENS_MAX,
): TokenVerifier => {
  const seen = makeSeenTokens(seenMax);
  const recall = (token: string): TokenVerdict | undefined => {
    const known = seen.get(token);
    if (!known) return undefined;
    if (!ring.isFresh) return { flaw: 'unavailable' };
    return ring.has(known.kid) ? judge(known.claims, clock.now()) : { flaw: 'unknown_key' };
  };
  const verifyNew = async (token: string): Promise<TokenVerdict> => {
    const read = readToken(token);
    if (!read) return { flaw: 'malformed' };
    const key = await ring.find(read.kid);
    if (!ring.isFresh) return { flaw: 'unavailable' };
    if (!key) return { flaw: 'unknown_key' };
    if (!(await isSignedBy(token, key))) return { flaw: 'forged' };
    const verdict = claimsOf(read.payload, issuer);
    if ('flaw' in verdict) return verdict;
    seen.add(token, { kid: read.kid, claims: verdict.claims });
    return judge(verdict.claims, clock.now());
  };
  return {
    recall,
    verify: async (token) => {
      try {
        return recall(token) ?? (await verifyNew(token));
      } catch (error) {
        if (error instanceof StoreUnavailable) return { flaw: 'unavailable' };
        throw error;
      }
    },
  };
};
