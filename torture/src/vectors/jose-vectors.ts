import type { Forgery } from '../forgeries/index.ts';
import { readVectors } from './wycheproof.ts';

/**
 * The files whose vectors are tokens. None is signed with EdDSA, and none by a key that a hub trusts, so that a hub
 * has to refuse all of them, also the valid ones; what their `result` says holds for readers that have their keys.
 */
const FILES = [
  'json_web_signature_test',
  'json_web_crypto_test',
  'json_web_key_test',
  'json_web_encryption_test',
];

export interface TokenVectors {
  readonly tokens: readonly Forgery[];
  /** File → vectors. */
  readonly used: Readonly<Record<string, number>>;
  readonly absent: readonly string[];
}

/** Every JWS and JWE of the Wycheproof files as a token to be refused. */
export const readTokenVectors = (): TokenVectors => {
  const used: Record<string, number> = {};
  const absent: string[] = [];
  const tokens = FILES.flatMap((name) => {
    const vectors = readVectors(name);
    if (!vectors) {
      absent.push(name);
      return [];
    }
    used[name] = vectors.length;
    return vectors.map((vector) => {
      const token = vector['jws'] ?? vector['jwe'];
      const text = typeof token === 'string' ? token : JSON.stringify(token);
      return { name: `${name}#${String(vector['tcId'])}`, token: text };
    });
  });
  return { tokens, used, absent };
};
