import {
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  hkdfSync,
  webcrypto,
} from 'node:crypto';
import { bytesIn, readVectors } from './wycheproof.ts';
import type { Vector } from './wycheproof.ts';

/** What came out: the right bytes or a good signature, or a refusal; `wrong` bytes are always a failure. */
type Outcome = 'right' | 'refused' | 'wrong';
type Check = (vector: Vector) => Promise<Outcome>;

const same = (one: ArrayBuffer | Uint8Array, other: Buffer): Outcome =>
  other.equals(one instanceof Uint8Array ? one : new Uint8Array(one)) ? 'right' : 'wrong';

/** Through Web Crypto, which the JOSE library uses. */
const ed25519: Check = async (vector) => {
  // Each group of the file has it, as its schema says.
  const jwk = vector['publicKeyJwk'] as webcrypto.JsonWebKey;
  const key = await webcrypto.subtle.importKey('jwk', { ...jwk, kty: 'OKP' }, 'Ed25519', false, ['verify']);
  const good = await webcrypto.subtle.verify('Ed25519', key, bytesIn(vector, 'sig'), bytesIn(vector, 'msg'));
  return good ? 'right' : 'refused';
};

/** DER around the 32 bytes of an X25519 key (RFC 8410). */
const PRIVATE_PREFIX = Buffer.from('302e020100300506032b656e04220420', 'hex');
const PUBLIC_PREFIX = Buffer.from('302a300506032b656e032100', 'hex');

const x25519: Check = async (vector) => {
  const der = (prefix: Buffer, member: string): Buffer => Buffer.concat([prefix, bytesIn(vector, member)]);
  const privateKey = createPrivateKey({ key: der(PRIVATE_PREFIX, 'private'), format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey({ key: der(PUBLIC_PREFIX, 'public'), format: 'der', type: 'spki' });
  return same(diffieHellman({ privateKey, publicKey }), bytesIn(vector, 'shared'));
};

const chacha20Poly1305: Check = async (vector) => {
  const decipher = createDecipheriv('chacha20-poly1305', bytesIn(vector, 'key'), bytesIn(vector, 'iv'), {
    authTagLength: 16,
  });
  const text = bytesIn(vector, 'ct');
  decipher.setAAD(bytesIn(vector, 'aad'), { plaintextLength: text.length });
  decipher.setAuthTag(bytesIn(vector, 'tag'));
  return same(Buffer.concat([decipher.update(text), decipher.final()]), bytesIn(vector, 'msg'));
};

const hkdfSha256: Check = async (vector) => {
  const [ikm, salt, info] = [bytesIn(vector, 'ikm'), bytesIn(vector, 'salt'), bytesIn(vector, 'info')];
  return same(hkdfSync('sha256', ikm, salt, info, Number(vector['size'])), bytesIn(vector, 'okm'));
};

const checks: Readonly<Record<string, Check>> = {
  ed25519_test: ed25519,
  x25519_test: x25519,
  chacha20_poly1305_test: chacha20Poly1305,
  hkdf_sha256_test: hkdfSha256,
};

const outcomeOf = async (check: Check, vector: Vector): Promise<Outcome> => {
  try {
    return await check(vector);
  } catch (error) {
    if (error instanceof Error) return 'refused';
    throw error;
  }
};

const isAsExpected = (outcome: Outcome, { result }: Vector): boolean => {
  switch (result) {
    case 'valid':
      return outcome === 'right';
    case 'invalid':
      return outcome === 'refused';
    case 'acceptable':
      return outcome !== 'wrong';
  }
};

export interface PrimitiveFigures {
  /** File → vectors tried. */
  readonly used: Readonly<Record<string, number>>;
  /** File#test of those that did not come out as they must. */
  readonly failures: readonly string[];
  readonly absent: readonly string[];
}

/** Tries the primitives of this Node on the vectors that are there. */
export const tryPrimitives = async (): Promise<PrimitiveFigures> => {
  const used: Record<string, number> = {};
  const failures: string[] = [];
  const absent: string[] = [];
  for (const [name, check] of Object.entries(checks)) {
    const vectors = readVectors(name);
    if (!vectors) absent.push(name);
    for (const vector of vectors ?? []) {
      const outcome = await outcomeOf(check, vector);
      used[name] = (used[name] ?? 0) + 1;
      if (!isAsExpected(outcome, vector)) failures.push(`${name}#${String(vector['tcId'])} ${outcome}`);
    }
  }
  return { used, failures, absent };
};
