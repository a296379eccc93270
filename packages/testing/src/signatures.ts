import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

/** As the hub tells it to the core: whether an Ed25519 signature, as base64url, is by this key over the statement. */
export const isSignedBy = (signingKey: string, statement: Uint8Array, signature: string): boolean => {
  const key = createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x: signingKey } });
  return verify(null, statement, key, Buffer.from(signature, 'base64url'));
};

/** What RFC 8410 puts before the 32 bytes of an Ed25519 private key. */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');

export interface Signer {
  /** The public key, as base64url. */
  readonly signingKey: string;
  readonly sign: (statement: Uint8Array) => string;
}

/** The signer whose private key is this byte, 32 times: the same byte is the same signer. */
export const makeSigner = (byte: number): Signer => {
  const der = Buffer.concat([PKCS8_HEAD, Buffer.alloc(32, byte)]);
  const key: KeyObject = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  return {
    signingKey: createPublicKey(key).export({ format: 'jwk' }).x ?? '',
    sign: (statement) => sign(null, statement, key).toString('base64url'),
  };
};
