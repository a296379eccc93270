import { AUDIT_HEAD_TYPE, AuditKey, headText, timestampOf } from '@agentmix/act-contract';
import type { SignedHead } from '@agentmix/act-contract';
import { CompactSign } from 'jose';
import type { TokenAuthority } from '../access/tokens/issue-token.ts';

/** Where a log ends. */
export interface LogEnd {
  readonly projectId: string;
  readonly lastSeq: number;
  readonly hash: string;
}

/** The public half that a head is checked with, which no retired key has any more. */
export type HeadSignature = Pick<SignedHead, 'head' | 'key'>;

/**
 * Signs where a log ends, with the key that signs access tokens and a type of its own (JWS, Ed25519). Undefined while
 * the hub may not sign, because it does not hear its database.
 */
export const signHead = async (
  { ring, issuer, clock }: TokenAuthority,
  end: LogEnd,
): Promise<HeadSignature | undefined> => {
  const { signer } = ring;
  if (!signer) return undefined;
  const text = headText({ iss: issuer, ...end, time: timestampOf(clock.now()) });
  const head = await new CompactSign(new TextEncoder().encode(text))
    .setProtectedHeader({ alg: 'EdDSA', typ: AUDIT_HEAD_TYPE, kid: signer.kid })
    .sign(signer.privateKey);
  return { head, key: AuditKey.parse(signer.jwk) };
};
