import { createRemoteJWKSet, customFetch, decodeJwt, errors, jwtVerify } from 'jose';
import type { JWTPayload, JWTVerifyGetKey } from 'jose';
import type { DatabaseClock } from '../../app/database-clock.ts';
import type { IdentityProvider } from '../../config/identity-provider.ts';
import { checkedUrl, fetchBounded } from './fetch-json.ts';
import { shareLoads } from './next-load.ts';
import { signInFlaw } from './sign-in-flaw.ts';
import type { TokenFlaw } from './token-flaw.ts';
import { URL_NAMESPACE, uuidV5 } from './uuid-v5.ts';

/**
 * `issuer`: as the provider writes itself in `iss`. `audience`: what tokens for this hub have in `aud`, its client id
 * or its address as a resource.
 */
export interface OidcOptions extends IdentityProvider {
  readonly clock: DatabaseClock;
  readonly log: (message: string, fields: Record<string, unknown>) => void;
}

/** A human that the provider vouches for. */
export interface OidcPerson {
  /** Always the same for this issuer and subject. */
  readonly memberId: string;
  readonly name?: string;
  /** Epoch seconds. */
  readonly expiresAt: number;
}

export type OidcVerdict = { readonly person: OidcPerson } | { readonly flaw: TokenFlaw };

const ID_TOKEN_CHARS_MAX = 16_384;
const FETCH_MS_MAX = 5_000;
/** The provider is asked for its documents at most so often while it fails. */
const RETRY_MS = 1_000;
/** Keys are fetched anew when so old, or when a token names an unknown one, then at most every 30 s. */
const KEYS_AGE_MS_MAX = 600_000;
const KEYS_COOLDOWN_MS = 30_000;
/** The provider has a clock of its own. */
const LEEWAY_SECONDS = 5;
/** Signatures with a public key; never `none`, never a shared secret. */
const ALGORITHMS = ['EdDSA', 'ES256', 'ES384', 'ES512', 'PS256', 'PS384', 'PS512', 'RS256', 'RS384', 'RS512'];
/** ID tokens (`JWT` or nothing) and access tokens; a log-out token, which also names a subject, is neither. */
const TYPES: readonly unknown[] = [undefined, 'JWT', 'at+jwt', 'application/at+jwt'];
/** The provider’s documents could not be had, or are none: nothing is known of the token. */
const PROVIDER_ERRORS = new Set<string>([
  errors.JWKSTimeout.code,
  errors.JWKSInvalid.code,
  errors.JOSEError.code,
]);
const SUBJECT_CHARS_MAX = 255;

/** Fetches a key set; after a failure not before a second has passed, however many tokens ask. */
const makeKeyFetch = (): typeof fetchBounded => {
  let failedAt = -Infinity;
  return async (url, options) => {
    if (performance.now() < failedAt + RETRY_MS)
      throw new Error('the key set could not be fetched a moment ago');
    try {
      return await fetchBounded(url, options);
    } catch (error) {
      failedAt = performance.now();
      throw error;
    }
  };
};

type KeySet = ReturnType<typeof createRemoteJWKSet>;

/** The same keys without those of RSA whose modulus is too short: a token that names one names no key. */
const longEnough =
  (keys: KeySet, rsaBitsMin: number): JWTVerifyGetKey =>
  async (header, token) => {
    const key = await keys(header, token);
    const { modulusLength } = key.algorithm as { modulusLength?: number };
    if (modulusLength !== undefined && modulusLength < rsaBitsMin) throw new errors.JWKSNoMatchingKey();
    return key;
  };

/** The provider’s key set (OpenID Connect Discovery 1.0). Rejects when it says it is someone else. */
const discover = async (issuer: string): Promise<KeySet> => {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const answer = await fetchBounded(url, { signal: AbortSignal.timeout(FETCH_MS_MAX) });
  if (answer.status !== 200) throw new Error(`${url} answers ${answer.status}`);
  const found = (await answer.json()) as { issuer?: unknown; jwks_uri?: unknown };
  if (found.issuer !== issuer) throw new Error(`${url} is of another issuer`);
  return createRemoteJWKSet(checkedUrl(String(found.jwks_uri), 'jwks_uri'), {
    timeoutDuration: FETCH_MS_MAX,
    cooldownDuration: KEYS_COOLDOWN_MS,
    cacheMaxAge: KEYS_AGE_MS_MAX,
    [customFetch]: makeKeyFetch(),
  });
};

const flawOf = (error: errors.JOSEError): TokenFlaw => {
  if (error instanceof errors.JWTExpired) return 'expired';
  if (error instanceof errors.JWKSNoMatchingKey) return 'unknown_key';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'forged';
  if (error instanceof errors.JWTClaimValidationFailed && error.reason === 'check_failed')
    return error.claim === 'nbf' || error.claim === 'iat' ? 'not_yet_valid' : 'other_audience';
  return PROVIDER_ERRORS.has(error.code) ? 'unavailable' : 'malformed';
};

const personOf = (issuer: string, { sub, name, exp }: JWTPayload): OidcVerdict => {
  if (typeof sub !== 'string' || sub === '' || sub.length > SUBJECT_CHARS_MAX || exp === undefined)
    return { flaw: 'malformed' };
  return {
    person: {
      memberId: uuidV5(uuidV5(URL_NAMESPACE, issuer), sub),
      ...(typeof name === 'string' ? { name } : {}),
      expiresAt: exp,
    },
  };
};

/** Whether a text is a token that claims to be of this issuer: others need no network to be refused. */
const claimsToBeOf = (issuer: string, token: string): boolean => {
  if (token.length > ID_TOKEN_CHARS_MAX) return false;
  try {
    return decodeJwt(token).iss === issuer;
  } catch (error) {
    if (error instanceof errors.JOSEError) return false;
    throw error;
  }
};

/**
 * Tokens of humans from the configured OpenID Connect provider. Throws when its address is neither https nor
 * loopback; the provider itself is asked when the first token comes, so that the hub starts without it.
 */
export const makeOidcVerifier = (options: OidcOptions) => {
  const { issuer, audience, rsaBitsMin = 0, clock, log } = options;
  checkedUrl(issuer, 'ACT_OIDC_ISSUER');
  let keys: JWTVerifyGetKey | undefined;
  const load = shareLoads(async () => {
    keys ??= longEnough(await discover(issuer), rsaBitsMin);
  }, RETRY_MS);
  const keySet = async (): Promise<JWTVerifyGetKey> => {
    if (!keys) await load();
    if (!keys) throw new Error('the identity provider was not found');
    return keys;
  };
  const check = async (token: string): Promise<OidcVerdict> => {
    const { payload, protectedHeader } = await jwtVerify(token, await keySet(), {
      issuer,
      audience,
      algorithms: ALGORITHMS,
      requiredClaims: ['sub', 'exp', 'iat'],
      clockTolerance: LEEWAY_SECONDS,
      currentDate: new Date(clock.now()),
    });
    if (!TYPES.includes(protectedHeader.typ)) return { flaw: 'malformed' };
    const flaw = signInFlaw(options, payload);
    return flaw ? { flaw } : personOf(issuer, payload);
  };
  return {
    verify: async (token: string): Promise<OidcVerdict> => {
      if (!claimsToBeOf(issuer, token)) return { flaw: 'malformed' };
      try {
        return await check(token);
      } catch (error) {
        if (error instanceof errors.JOSEError) return { flaw: flawOf(error) };
        log('the identity provider cannot be asked', { issuer, error: String(error) });
        return { flaw: 'unavailable' };
      }
    },
  };
};
