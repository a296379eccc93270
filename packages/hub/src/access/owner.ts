import { setTimeout as sleep } from 'node:timers/promises';
import { HUB_PROJECT_ID } from '@agentmix/act-contract';
import type { AccessStore } from '@agentmix/act-core';
import type { CoordinationService } from '../app/coordination-service.ts';
import { ConfigError } from '../config/integer.ts';
import { hashSecret, parseKey } from './keys/api-key.ts';

/** Another hub that made the hub’s own project a moment ago makes its owner within this time, or died in between. */
const FIRST_OWNER_MS_MAX = 2_000;

const hasOwner = async (service: CoordinationService): Promise<boolean> => {
  const until = performance.now() + FIRST_OWNER_MS_MAX;
  for (;;) {
    const isOwned = await service.lanes.of(HUB_PROJECT_ID).read((state) => (state?.members.size ?? 0) > 0);
    if (isOwned) return true;
    if (performance.now() > until) return false;
    await sleep(50);
  }
};

/**
 * Makes this key an owner’s key, with a member of its own, unless the database knows it. A key that an owner revoked
 * stays revoked: remove the file to have a new one minted. `mintedIn`: the file that a hub of several on one database
 * read it from; such a key makes nobody an owner where there is one, because all of them have one owner’s key. Throws
 * ConfigError.
 */
export const admitOwner = async (
  store: AccessStore,
  service: CoordinationService,
  keyText: string,
  mintedIn?: string,
): Promise<void> => {
  const key = parseKey(keyText);
  if (!key) throw new Error('the admin key cannot be read');
  if (await store.findKey(key.keyId)) return;
  const made = await service.command('project.create', HUB_PROJECT_ID, { name: 'hub' }, service.newId());
  if (!made.ok && made.refusal.code !== 'duplicate_id') throw new Error(`no hub: ${made.refusal.code}`);
  if (!made.ok && mintedIn !== undefined && (await hasOwner(service)))
    throw new ConfigError(
      `this database has an owner already, whose key is not the one in ${mintedIn}: give this hub the admin.key of ` +
        'the hub that came first, or the same ACT_OWNER_KEY or ACT_OWNER_KEY_FILE as all others',
    );
  const secretHash = hashSecret(key.secret).toString('hex');
  const owner = { memberId: key.keyId, keyId: key.keyId, secretHash };
  const admitted = await service.command('owner.admit', HUB_PROJECT_ID, owner, service.newId());
  // Hubs that were given the same key may start at the same time.
  if (!admitted.ok && admitted.refusal.code !== 'duplicate_id')
    throw new Error(`no owner: ${admitted.refusal.code} ${admitted.refusal.detail ?? ''}`);
};
