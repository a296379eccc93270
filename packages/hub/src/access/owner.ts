import { HUB_PROJECT_ID } from '@agentmix/act-contract';
import type { AccessStore } from '@agentmix/act-core';
import type { CoordinationService } from '../app/coordination-service.ts';
import { hashSecret, parseKey } from './keys/api-key.ts';

/**
 * Makes the key of the data directory’s file an owner’s key, with a member of its own, unless the database knows it. A
 * key that an owner revoked stays revoked: remove the file to have a new one minted.
 */
export const admitOwner = async (
  store: AccessStore,
  service: CoordinationService,
  keyText: string,
): Promise<void> => {
  const key = parseKey(keyText);
  if (!key) throw new Error('the admin key cannot be read');
  if (await store.findKey(key.keyId)) return;
  const made = await service.command('project.create', HUB_PROJECT_ID, { name: 'hub' }, service.newId());
  if (!made.ok && made.refusal.code !== 'duplicate_id') throw new Error(`no hub: ${made.refusal.code}`);
  const secretHash = hashSecret(key.secret).toString('hex');
  const owner = { memberId: key.keyId, keyId: key.keyId, secretHash };
  const admitted = await service.command('owner.admit', HUB_PROJECT_ID, owner, service.newId());
  if (!admitted.ok) throw new Error(`no owner: ${admitted.refusal.code} ${admitted.refusal.detail ?? ''}`);
};
