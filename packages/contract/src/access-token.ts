import { z } from 'zod';
import { ROLES } from './roles.ts';
import { AgentId, ProjectId, Uuid } from './scalars.ts';

/** Life of an access token. Short, because what it says of a role is as of when it was made. */
export const ACCESS_TOKEN_SECONDS = 600;
/** An access token is far below this, whatever it claims. */
export const ACCESS_TOKEN_CHARS_MAX = 4_096;
/** A refresh token and all that follow from it. */
export const REFRESH_TOKEN_SECONDS = 24 * 3_600;
/** A refresh token that nobody uses ends so long after it was made: six lives of an access token. */
export const REFRESH_IDLE_SECONDS = 3_600;

/**
 * The header of an access token: these members and no other, so that none (`jku`, `jwk`, `x5u`, `x5c`, `crit`, `b64`)
 * can tell the hub where to look for a key or how to read the rest. `kid` is the key’s RFC 7638 thumbprint.
 */
export const AccessTokenHeader = z.strictObject({
  alg: z.literal('EdDSA'),
  typ: z.literal('at+jwt'),
  kid: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
});

const Seconds = z.int().min(0).meta({ description: 'Seconds since 1970' });

/** What an access token says; members that are not known are ignored, as RFC 7519 asks. */
export const AccessClaims = z
  .object({
    iss: z.string().min(1),
    aud: z.string().min(1),
    iat: Seconds,
    nbf: Seconds.optional(),
    exp: Seconds,
    jti: Uuid,
    sub: Uuid.meta({ description: 'The member' }),
    prj: ProjectId,
    rol: z.enum(ROLES),
    key: Uuid.optional().meta({
      description: 'The API key it was exchanged for; absent for a person who signed in elsewhere',
    }),
    agt: AgentId.optional().meta({ description: 'The agent it speaks as' }),
  })
  .meta({ id: 'AccessClaims' });
export type AccessClaims = z.infer<typeof AccessClaims>;
