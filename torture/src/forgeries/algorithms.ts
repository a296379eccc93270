import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { Forge, Forged, Sign } from './forge.ts';

const nothing: Sign = () => Buffer.alloc(0);
const hmac =
  (digest: string, secret: string | Buffer): Sign =>
  (input) =>
    createHmac(digest, secret).update(input).digest();
const signed =
  (digest: string | null, key: KeyObject): Sign =>
  (input) =>
    sign(digest, input, key);

const unsecured = (forge: Forge): Forged => ({
  'alg none': forge.withHeader({ alg: 'none' }, nothing),
  'alg None': forge.withHeader({ alg: 'None' }, nothing),
  'alg nOnE': forge.withHeader({ alg: 'nOnE' }, nothing),
  'alg NONE': forge.withHeader({ alg: 'NONE' }, nothing),
  'alg none, signed': forge.withHeader({ alg: 'none' }),
  'alg none, without the last dot': forge.withHeader({ alg: 'none' }, nothing).slice(0, -1),
  'alg EdDSA, signature left out': forge.withHeader({}, nothing),
  'alg EdDSA, signature of zeros': forge.withHeader({}, () => Buffer.alloc(64)),
});

/** Public keys are public: who uses them as a shared secret lets everybody sign. */
const confused = ({ publicKey, withHeader }: Forge): Forged => {
  const pem = publicKey.export({ type: 'spki', format: 'pem' });
  const der = publicKey.export({ type: 'spki', format: 'der' });
  const jwk = publicKey.export({ format: 'jwk' });
  const raw = Buffer.from(jwk.x ?? '', 'base64url');
  return {
    'HS256 with the public key in PEM': withHeader({ alg: 'HS256' }, hmac('sha256', pem)),
    'HS256 with the public key in PEM, trimmed': withHeader(
      { alg: 'HS256' },
      hmac('sha256', pem.toString().trim()),
    ),
    'HS256 with the public key in DER': withHeader({ alg: 'HS256' }, hmac('sha256', der)),
    'HS256 with the 32 bytes of the public key': withHeader({ alg: 'HS256' }, hmac('sha256', raw)),
    'HS256 with x as the key set shows it': withHeader({ alg: 'HS256' }, hmac('sha256', jwk.x ?? '')),
    'HS256 with the public key as JWK': withHeader({ alg: 'HS256' }, hmac('sha256', JSON.stringify(jwk))),
    'HS512 with the public key in PEM': withHeader({ alg: 'HS512' }, hmac('sha512', pem)),
    'HS256 with an empty secret': withHeader({ alg: 'HS256' }, hmac('sha256', '')),
    'HMAC called EdDSA': withHeader({}, hmac('sha512', raw)),
  };
};

const otherKeys = ({ strange, withHeader }: Forge): Forged => {
  const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const secp256k1 = generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey;
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const ed448 = generateKeyPairSync('ed448').privateKey;
  return {
    'EdDSA of another Ed25519 key': withHeader({}, strange),
    'EdDSA on another curve, Ed448': withHeader({}, signed(null, ed448)),
    'Ed448 cut to 64 bytes': withHeader({}, (input) => sign(null, input, ed448).subarray(0, 64)),
    'ES256 of another key': withHeader({ alg: 'ES256' }, signed('sha256', p256)),
    'ES256K of another key': withHeader({ alg: 'ES256K' }, signed('sha256', secp256k1)),
    'RS256 of another key': withHeader({ alg: 'RS256' }, signed('sha256', rsa)),
    'PS256 of another key': withHeader({ alg: 'PS256' }, signed('sha256', rsa)),
    'ECDSA called EdDSA': withHeader({}, (input) =>
      sign('sha256', input, { key: p256, dsaEncoding: 'ieee-p1363' }),
    ),
  };
};

/** The hub’s own key signs them: only the name of the algorithm is wrong. */
const renamed = ({ withHeader }: Forge): Forged => ({
  'alg Ed25519': withHeader({ alg: 'Ed25519' }),
  'alg eddsa': withHeader({ alg: 'eddsa' }),
  'alg with a space': withHeader({ alg: 'EdDSA ' }),
  'alg with a NUL': withHeader({ alg: 'EdDSA\0' }),
  'alg in full-width letters': withHeader({ alg: 'ＥdＤＳＡ' }),
  'alg missing': withHeader({ alg: undefined }),
  'alg null': withHeader({ alg: null }),
  'alg in an array': withHeader({ alg: ['EdDSA'] }),
  'alg HS256 with an EdDSA signature': withHeader({ alg: 'HS256' }),
  'alg dir': withHeader({ alg: 'dir', enc: 'A256GCM' }),
});

export const algorithmForgeries = (forge: Forge): Forged => ({
  ...unsecured(forge),
  ...confused(forge),
  ...otherKeys(forge),
  ...renamed(forge),
});
