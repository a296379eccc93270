import { ConfigError, integer } from './integer.ts';
import { list } from './list.ts';

/** What a person's token has to say besides who it is of. What is absent is not asked for. */
export interface SignInRules {
  /** Has to be among the words of `scope`: only access tokens have one. */
  readonly scope?: string;
  /** One of these has to be in `acr`. */
  readonly acr?: readonly string[];
  /** One of these has to be among the methods in `amr`. */
  readonly amr?: readonly string[];
}

/** The OpenID Connect provider that humans sign in at. */
export interface IdentityProvider extends SignInRules {
  readonly issuer: string;
  readonly audience: string;
  /** RSA keys with a shorter modulus are not taken. */
  readonly rsaBitsMin?: number;
}

/** Most providers have keys of 2,048 bits, which are worth 112 of a symmetric key; 3,072 are worth 128. */
const RSA_BITS_DEFAULT = 2_048;
const RSA_BITS_MAX = 16_384;

/** Absent where there is none; throws ConfigError. */
export const readIdentityProvider = (env: NodeJS.ProcessEnv): IdentityProvider | undefined => {
  const [issuer, audience] = [env['ACT_OIDC_ISSUER'], env['ACT_OIDC_AUDIENCE']];
  const scope = env['ACT_OIDC_SCOPE'];
  const [acr, amr] = [list(env['ACT_OIDC_ACR']), list(env['ACT_OIDC_AMR'])];
  if (!issuer && !audience && !scope && acr.length === 0 && amr.length === 0) return undefined;
  if (!issuer || !audience)
    throw new ConfigError(
      'ACT_OIDC_ISSUER and ACT_OIDC_AUDIENCE go together, and the other ACT_OIDC_… need them',
    );
  return {
    issuer,
    audience,
    ...(scope ? { scope } : {}),
    ...(acr.length > 0 ? { acr } : {}),
    ...(amr.length > 0 ? { amr } : {}),
    rsaBitsMin: integer(
      'ACT_OIDC_RSA_BITS_MIN',
      env['ACT_OIDC_RSA_BITS_MIN'],
      RSA_BITS_DEFAULT,
      RSA_BITS_DEFAULT,
      RSA_BITS_MAX,
    ),
  };
};
