import { generateKeyPairSync } from 'node:crypto';
import { CompactEncrypt } from 'jose';
import type { Forge, Forged } from './forge.ts';
import { encode } from './forge.ts';

const MEGABYTE = 1_048_576;

const encrypted = async ({ token, publicKey }: Forge): Promise<Forged> => {
  const secret = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  const { publicKey: recipient } = generateKeyPairSync('x25519');
  const plain = Buffer.from(token);
  return {
    'JWE with the public key as its secret': await new CompactEncrypt(plain)
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', cty: 'JWT' })
      .encrypt(secret),
    'JWE for an X25519 key': await new CompactEncrypt(plain)
      .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', typ: 'at+jwt' })
      .encrypt(recipient),
  };
};

const nested = ({ token, header, sealed, withHeader }: Forge): Forged => {
  const [head = '', payload = '', signature = ''] = token.split('.');
  const flattened = { protected: head, payload, signature };
  return {
    'a token in a token': sealed({ ...header, cty: 'JWT' }, token),
    'a token in a token, not named so': sealed(header, token),
    'a token in a token’s claim': sealed(header, { token }),
    'JWS as flattened JSON': JSON.stringify(flattened),
    'JWS as general JSON': JSON.stringify({ payload, signatures: [flattened] }),
    'JWS with an unprotected header': JSON.stringify({ ...flattened, header: { alg: 'none' } }),
    'flattened JSON, encoded': encode(flattened),
    'detached claims': `${head}..${signature}`,
    'alg none around a good token': `${encode({ alg: 'none', typ: 'at+jwt' })}.${encode(token)}.`,
    'header of another token': `${withHeader({ typ: 'JWT' }).split('.')[0]}.${payload}.${signature}`,
  };
};

/** Everything above 4,096 characters, and what is slow to read for whoever does not look at the length first. */
const large = ({ token, header, claims, sealed, withClaims }: Forge): Forged => {
  const [head = '', body = '', signature = ''] = token.split('.');
  return {
    'claims of 5,000 characters, signed by the hub': withClaims({ padding: 'x'.repeat(5_000) }),
    'claims of 1 MB, signed by the hub': withClaims({ padding: 'x'.repeat(MEGABYTE) }),
    'header of 1 MB': `${encode({ ...header, padding: 'x'.repeat(MEGABYTE) })}.${body}.${signature}`,
    'signature of 1 MB': `${head}.${body}.${'A'.repeat(MEGABYTE)}`,
    '1 MB of dots': '.'.repeat(MEGABYTE),
    '1 MB of letters': 'A'.repeat(MEGABYTE),
    'a good token in front of 1 MB': `${token}${'A'.repeat(MEGABYTE)}`,
    'arrays 1,200 deep for claims, signed by the hub': sealed(
      header,
      `${'['.repeat(1_200)}${']'.repeat(1_200)}`,
    ),
    '100,000 claims': sealed(
      header,
      Object.fromEntries(Array.from({ length: 100_000 }, (_, at) => [`c${at}`, at])),
      () => Buffer.alloc(64),
    ),
    'claims of 1 MB under a signature of others': `${head}.${encode({ ...claims, padding: 'x'.repeat(MEGABYTE) })}.${signature}`,
  };
};

export const containerForgeries = async (forge: Forge): Promise<Forged> => ({
  ...(await encrypted(forge)),
  ...nested(forge),
  ...large(forge),
});
