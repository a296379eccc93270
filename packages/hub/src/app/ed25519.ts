import { createPublicKey, verify } from 'node:crypto';

/** Whether `signature` is Ed25519 (RFC 8032) by `signingKey` over the statement; both as base64url. */
export const isSignedBy = (signingKey: string, statement: Uint8Array, signature: string): boolean => {
  const key = createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x: signingKey } });
  return verify(null, statement, key, Buffer.from(signature, 'base64url'));
};
