import type { KeyProvider, RefreshTokenStore, SigningKeyStore, Store, Whispers } from '@agentmix/act-core';
import { Access } from './access/access.ts';
import type { Directory } from './access/directory.ts';
import { admitOwner } from './access/owner.ts';
import { RefusedAttempts } from './access/refused-attempts.ts';
import { TokenDesk } from './access/token-desk.ts';
import { takeTokensOnly } from './access/tokens-only.ts';
import { KeyRing } from './access/tokens/key-ring.ts';
import { makeOidcVerifier } from './access/tokens/oidc.ts';
import { makeRefreshTokens } from './access/tokens/refresh-tokens.ts';
import { makeTokenVerifier } from './access/tokens/verify-token.ts';
import type { CoordinationService } from './app/coordination-service.ts';
import type { HubConfig } from './config/env.ts';
import { Calls } from './gateway/calls.ts';
import { makeGate } from './gateway/limits/gate.ts';
import type { Gate } from './gateway/limits/gate.ts';

/** Everything a hub keeps in a database. */
export interface Stores {
  readonly store: Store;
  readonly signingKeys: SigningKeyStore;
  readonly refreshTokens: RefreshTokenStore;
}

export interface AccessOptions {
  readonly stores: Stores;
  readonly service: CoordinationService;
  readonly directory: Directory;
  /** Text of the API key that is made an owner’s. */
  readonly ownerKey: string;
  /** The file that it was read from or minted into; absent: it was given. */
  readonly ownerKeyFile?: string | undefined;
  /** Other hubs may serve from the same database: their keys have to be this one’s too. */
  readonly isShared?: boolean;
  readonly keyProvider: KeyProvider;
  /** To hubs that keep the same limits together with this one. */
  readonly whispers?: Whispers | undefined;
  readonly config: Pick<
    HubConfig,
    'tokenIssuer' | 'keyRotationMs' | 'areKeysForTokensOnly' | 'oidc' | 'limits'
  >;
  readonly log: (message: string, fields: Record<string, unknown>) => void;
}

export interface OpenAccess {
  readonly access: Access;
  readonly calls: Calls;
  readonly gate: Gate;
  readonly desk: TokenDesk;
  readonly ring: KeyRing;
  /** Records what was refused and not yet told, and asks the database no more. */
  readonly stopAccess: () => Promise<void>;
}

const REFRESH_SWEEP_MS = 600_000;

/** Everything that decides who may do what, with the key of the data directory as an owner’s. */
export const openAccess = async (options: AccessOptions): Promise<OpenAccess> => {
  const { stores, service, directory, keyProvider, config, log, isShared = false } = options;
  const { clock } = service;
  await admitOwner(stores.store, service, options.ownerKey, isShared ? options.ownerKeyFile : undefined);
  const attempts = new RefusedAttempts((projectId, attempt) => {
    // What cannot be recorded now is not worth stopping a call for; the refusal itself stands.
    void service.command('access.note', projectId, attempt, service.newId());
  });
  directory.onHeard(() => attempts.flush());
  const rotateMs = config.keyRotationMs;
  const ring = await KeyRing.open({
    store: stores.signingKeys,
    keyProvider,
    clock,
    log,
    rotateMs,
    isShared,
  });
  const authority = { ring, issuer: config.tokenIssuer, clock };
  const access = new Access(directory, makeTokenVerifier(authority), clock.now);
  // The desk below takes keys from everybody; all doors ask the gate.
  const shown = config.areKeysForTokensOnly ? takeTokensOnly(access) : access;
  const gate = makeGate(config.limits, shown, options.whispers);
  const desk = new TokenDesk({
    access,
    directory,
    authority,
    refreshTokens: makeRefreshTokens(stores.refreshTokens),
    ...(config.oidc ? { people: makeOidcVerifier({ ...config.oidc, clock, log }) } : {}),
  });
  const sweep = setInterval(() => {
    stores.refreshTokens
      .forgetExpired()
      .catch((error: unknown) => log('refresh tokens were not swept', { error: String(error) }));
  }, REFRESH_SWEEP_MS);
  await directory.start();
  return {
    access,
    calls: new Calls(service, access, attempts, gate),
    gate,
    desk,
    ring,
    stopAccess: async () => {
      clearInterval(sweep);
      attempts.flush(true);
      await ring.close();
      await directory.stop();
    },
  };
};
