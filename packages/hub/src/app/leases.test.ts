import { StoreUnavailable } from '@agentmix/act-core';
import type { LeaseOfSession, Store } from '@agentmix/act-core';
import { makeMemoryStore } from '@agentmix/act-memory';
import { uuidv7 } from 'uuidv7';
import { expect, it } from 'vitest';
import { Leases } from './leases.ts';

const recording = (failures: number): { store: Store; written: LeaseOfSession[][] } => {
  const written: LeaseOfSession[][] = [];
  let left = failures;
  const store = {
    ...makeMemoryStore({ clock: Date.now }),
    renewLeases: (sessions: readonly LeaseOfSession[]): Promise<void> => {
      if (left-- > 0) return Promise.reject(new StoreUnavailable('away'));
      written.push([...sessions]);
      return Promise.resolve();
    },
  };
  return { store, written };
};

it('writes one renewal for a session that spoke many times', async () => {
  const { store, written } = recording(0);
  const leases = new Leases(store);
  const sessionId = uuidv7();
  for (let count = 0; count < 1_000; count++) leases.spoke('p', sessionId);
  await leases.flush();
  await leases.flush();
  expect(written.flat().map((one) => one.sessionId)).toEqual([sessionId]);
});

it('keeps renewals that could not be written for the next time', async () => {
  const { store, written } = recording(2);
  const leases = new Leases(store);
  const sessions = Array.from({ length: 12_000 }, () => uuidv7());
  for (const sessionId of sessions) leases.spoke('p', sessionId);
  await expect(leases.flush()).rejects.toThrow('away');
  await expect(leases.flush()).rejects.toThrow('away');
  await leases.flush();
  expect(written.flat().map(({ sessionId }) => sessionId)).toEqual(sessions);
  expect(Math.max(...written.map(({ length }) => length))).toBeLessThanOrEqual(5_000);
});
