import type { RefreshFamily, RefreshTokenStore, SigningKey, SigningKeyStore } from '@agentmix/act-core';
import type { MemoryStoreOptions } from './memory-store.ts';

type StoredFamily = RefreshFamily & { readonly expiresAt: number; readonly idleUntil: number };

const endOf = ({ expiresAt, idleUntil }: StoredFamily): number => Math.min(expiresAt, idleUntil);

const makeSigningKeys = ({ clock }: MemoryStoreOptions): SigningKeyStore => {
  const keys = new Map<number, SigningKey>();
  let lastNumber = 0;
  return {
    list: async () => ({ keys: [...keys.values()], lastNumber, now: clock() }),
    add: async (key) => {
      if (key.number <= lastNumber) return false;
      lastNumber = key.number;
      keys.set(key.number, { ...key, createdAt: clock() });
      return true;
    },
    retire: async (kid) => {
      for (const [number, key] of keys) if (key.kid === kid) keys.delete(number);
    },
  };
};

const makeRefreshTokens = ({ clock }: MemoryStoreOptions): RefreshTokenStore => {
  /** In the order of opening; a rotation keeps the place. */
  const families = new Map<string, StoredFamily>();
  return {
    open: async (family, { lifeMs, idleMs }, familiesMax) => {
      const ofKey = [...families.values()].filter(({ keyId }) => keyId === family.keyId);
      for (const { familyId } of ofKey.slice(0, Math.max(0, ofKey.length - familiesMax + 1)))
        families.delete(familyId);
      const now = clock();
      families.set(family.familyId, { ...family, expiresAt: now + lifeMs, idleUntil: now + idleMs });
    },
    rotate: async (familyId, secretHash, nextSecretHash, { idleMs }) => {
      const family = families.get(familyId);
      if (!family) return { outcome: 'unknown' };
      const { memberId, projectId, keyId } = family;
      const isExpired = endOf(family) <= clock();
      if (isExpired || family.secretHash !== secretHash) {
        families.delete(familyId);
        return { outcome: isExpired ? 'expired' : 'reused' };
      }
      const next = { ...family, secretHash: nextSecretHash, idleUntil: clock() + idleMs };
      families.set(familyId, next);
      return { outcome: 'rotated', grant: { memberId, projectId, keyId }, expiresAt: endOf(next) };
    },
    forgetExpired: async () => {
      const expired = [...families.values()].filter((family) => endOf(family) <= clock());
      for (const { familyId } of expired) families.delete(familyId);
      return expired.length;
    },
  };
};

/** Signing keys and refresh tokens in this process; lost with it. */
export const makeMemoryTokenStores = (
  options: MemoryStoreOptions,
): { readonly signingKeys: SigningKeyStore; readonly refreshTokens: RefreshTokenStore } => ({
  signingKeys: makeSigningKeys(options),
  refreshTokens: makeRefreshTokens(options),
});
