import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { KeyRefused } from '@agentmix/act-core';
import type { KeyProvider } from '@agentmix/act-core';
import type { MasterKey } from './master-keys.ts';

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const DATA_KEY_BYTES_MIN = 16;
const DATA_KEY_BYTES_MAX = 64;

/** What is authenticated besides the data key: a wrapped key that is moved to another place is refused there. */
const additionalData = (keyId: string, context: string): Buffer => Buffer.from(`act ${keyId} ${context}`);

const seal = (dataKey: Uint8Array, { id, secret }: MasterKey, context: string): Uint8Array => {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, secret, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(additionalData(id, context));
  return Buffer.concat([nonce, cipher.update(dataKey), cipher.final(), cipher.getAuthTag()]);
};

const unseal = (wrapped: Uint8Array, { id, secret }: MasterKey, context: string): Uint8Array => {
  const nonce = wrapped.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv(CIPHER, secret, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(additionalData(id, context));
  decipher.setAuthTag(wrapped.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(wrapped.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
};

const isLengthFit = (bytes: number): boolean => bytes >= DATA_KEY_BYTES_MIN && bytes <= DATA_KEY_BYTES_MAX;

/**
 * A key provider whose master keys this process holds: AES-256-GCM (NIST SP 800-38D) with random nonces, which allows
 * 2^32 wrappings for each master key. A wrapped key is nonce (12 bytes), ciphertext, tag (16 bytes).
 */
export const makeAesGcmProvider = (keys: readonly MasterKey[]): KeyProvider => {
  const byId = new Map(keys.map((key) => [key.id, key]));
  const [current] = keys;
  if (!current) throw new Error('a key provider needs a master key');
  return {
    currentKeyId: current.id,
    wrap: async (dataKey, context) => {
      if (!isLengthFit(dataKey.length)) throw new RangeError(`a data key of ${dataKey.length} bytes`);
      return { keyId: current.id, wrapped: seal(dataKey, current, context) };
    },
    unwrap: async ({ keyId, wrapped }, context) => {
      const key = byId.get(keyId);
      if (!key) throw new KeyRefused(`no master key ${keyId} here`);
      if (!isLengthFit(wrapped.length - NONCE_BYTES - TAG_BYTES))
        throw new KeyRefused(`a wrapped key of ${wrapped.length} bytes`);
      try {
        return unseal(wrapped, key, context);
      } catch (error) {
        throw new KeyRefused('the wrapped key was altered, or made for something else', { cause: error });
      }
    },
  };
};
