import { ACCESS_TOKEN_SECONDS } from '@agentmix/act-contract';
import type { AccessClaims, Role } from '@agentmix/act-contract';
import { defined } from '@agentmix/act-core';
import { SignJWT } from 'jose';
import { uuidv7 } from 'uuidv7';
import type { DatabaseClock } from '../../app/database-clock.ts';
import type { KeyRing } from './key-ring.ts';

/** Whom a token is for. */
export interface TokenGrant {
  readonly memberId: string;
  readonly projectId: string;
  readonly role: Role;
  /** The API key that it is exchanged for: the token ends with it. Absent for a person who signed in elsewhere. */
  readonly keyId?: string | undefined;
  /** The agent it speaks as. */
  readonly agentId?: string | undefined;
}

export interface TokenAuthority {
  readonly ring: KeyRing;
  /** `iss` and `aud`: the hub makes tokens for itself. */
  readonly issuer: string;
  readonly clock: DatabaseClock;
}

export interface IssuedToken {
  readonly token: string;
  readonly claims: AccessClaims;
}

/** Signs an access token; undefined while the hub may not sign, because it does not hear its database. */
export const issueToken = async (
  { ring, issuer, clock }: TokenAuthority,
  { memberId, projectId, role, keyId, agentId }: TokenGrant,
): Promise<IssuedToken | undefined> => {
  const { signer } = ring;
  if (!signer) return undefined;
  const iat = Math.floor(clock.now() / 1000);
  const claims = defined({
    iss: issuer,
    aud: issuer,
    iat,
    exp: iat + ACCESS_TOKEN_SECONDS,
    jti: uuidv7(),
    sub: memberId,
    prj: projectId,
    rol: role,
    key: keyId,
    agt: agentId,
  });
  const token = await new SignJWT(claims)
    .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: signer.kid })
    .sign(signer.privateKey);
  return { token, claims };
};
