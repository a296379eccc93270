import type { AccessStore } from '@agentmix/act-core';
import { Access } from './access/access.ts';
import type { Directory } from './access/directory.ts';
import { admitOwner } from './access/owner.ts';
import { RefusedAttempts } from './access/refused-attempts.ts';
import type { CoordinationService } from './app/coordination-service.ts';
import { Calls } from './gateway/calls.ts';

export interface OpenAccess {
  readonly access: Access;
  readonly calls: Calls;
  /** Records what was refused and not yet told, and asks the database no more. */
  readonly stopAccess: () => Promise<void>;
}

/** Everything that decides who may do what, with the key of the data directory as an owner’s. */
export const openAccess = async (
  store: AccessStore,
  service: CoordinationService,
  directory: Directory,
  ownerKey: string,
): Promise<OpenAccess> => {
  await admitOwner(store, service, ownerKey);
  const attempts = new RefusedAttempts((projectId, attempt) => {
    // What cannot be recorded now is not worth stopping a call for; the refusal itself stands.
    void service.command('access.note', projectId, attempt, service.newId());
  });
  directory.onHeard(() => attempts.flush());
  const access = new Access(directory, service.clock.now);
  await directory.start();
  return {
    access,
    calls: new Calls(service, access, attempts),
    stopAccess: async () => {
      attempts.flush(true);
      await directory.stop();
    },
  };
};
