import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { KeyProvider, SigningKey } from '@agentmix/act-core';
import { calculateJwkThumbprint, exportJWK } from 'jose';
import type { JWK } from 'jose';

/** A signing key that this process can use. */
export interface OpenSigningKey {
  readonly number: number;
  readonly kid: string;
  /** Epoch milliseconds of the store’s clock. */
  readonly createdAt: number;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** The public half as a key set shows it. */
  readonly jwk: JWK;
}

/** A wrapped key cannot be used in another key’s place. */
const contextOf = (kid: string): string => `signing key ${kid}`;

/** A new Ed25519 key, its private half (PKCS #8, 48 bytes) wrapped; its id is its RFC 7638 thumbprint. */
export const makeSigningKey = async (
  provider: KeyProvider,
  number: number,
): Promise<Omit<SigningKey, 'createdAt'>> => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const kid = await calculateJwkThumbprint(await exportJWK(publicKey));
  const der = privateKey.export({ type: 'pkcs8', format: 'der' });
  return { number, kid, privateKey: await provider.wrap(der, contextOf(kid)) };
};

/**
 * Opens a stored key. Only the private half is stored, and the public one is derived from it: whoever can write to
 * the database but has no master key cannot make the hub trust a key. Rejects with `KeyRefused`.
 */
export const openSigningKey = async (
  provider: KeyProvider,
  { number, kid, createdAt, privateKey: wrapped }: SigningKey,
): Promise<OpenSigningKey> => {
  const der = Buffer.from(await provider.unwrap(wrapped, contextOf(kid)));
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey(privateKey);
  const jwk = { ...(await exportJWK(publicKey)), kid, alg: 'EdDSA', use: 'sig' };
  return { number, kid, createdAt, privateKey, publicKey, jwk };
};
