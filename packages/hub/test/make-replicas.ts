import type { Bus } from '@agentmix/act-core';
import { CoordinationService } from '../src/app/coordination-service.ts';
import { makeService } from './make-service.ts';
import type { ServiceUnderTest } from './make-service.ts';
import { testKeys } from './test-keys.ts';

export type Replica = Pick<ServiceUnderTest, 'service' | 'projectId' | 'run' | 'titles'>;

/** Two services over one store, with one project, and a bus each. */
export const makeReplicas = async (oneBus: Bus, otherBus: Bus): Promise<[Replica, Replica]> => {
  const one = await makeService(undefined, oneBus);
  const service = new CoordinationService({
    bus: otherBus,
    store: one.failing.store,
    keys: testKeys(),
    retentionMs: 3_600_000,
    log: () => undefined,
  });
  const { projectId } = one;
  const run: Replica['run'] = (name, input, id = service.newId()) =>
    service.command(name, projectId, input, id);
  return [one, { ...one, service, run }];
};
