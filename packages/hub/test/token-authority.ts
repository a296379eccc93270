import { randomBytes } from 'node:crypto';
import type { RefreshTokenStore, SigningKeyStore } from '@agentmix/act-core';
import { makeMemoryTokenStores } from '@agentmix/act-memory';
import { makeAesGcmProvider } from '../src/access/key-provider/aes-gcm-provider.ts';
import { parseMasterKeys } from '../src/access/key-provider/master-keys.ts';
import { KeyRing } from '../src/access/tokens/key-ring.ts';
import type { KeyRingOptions } from '../src/access/tokens/key-ring.ts';
import type { TokenAuthority } from '../src/access/tokens/issue-token.ts';

export const ISSUER = 'https://hub.test';

/** Stores whose time stands still unless it is moved, and hubs that share them. */
export interface TokenWorld {
  now: number;
  readonly signingKeys: SigningKeyStore;
  readonly refreshTokens: RefreshTokenStore;
  readonly logged: string[];
  /** Another hub on the same stores. */
  hub(options?: Partial<KeyRingOptions>): Promise<TokenAuthority>;
  close(): Promise<void>;
}

export const makeTokenWorld = (): TokenWorld => {
  const rings: KeyRing[] = [];
  const masterKey = parseMasterKeys(randomBytes(32).toString('base64'), 'test');
  const world: TokenWorld = {
    now: Date.UTC(2026, 0, 1),
    ...makeMemoryTokenStores({ clock: () => world.now }),
    logged: [],
    hub: async (options = {}) => {
      const clock = { now: () => world.now, anchor: () => undefined };
      const ring = await KeyRing.open({
        store: world.signingKeys,
        keyProvider: makeAesGcmProvider(masterKey),
        clock,
        log: (message) => world.logged.push(message),
        ...options,
      });
      rings.push(ring);
      return { ring, issuer: ISSUER, clock };
    },
    close: async () => {
      for (const ring of rings) await ring.close();
    },
  };
  return world;
};
