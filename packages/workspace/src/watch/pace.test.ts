import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { makePace } from './pace.ts';

const SLOW = { quietMs: 20, waitMsMax: 100, reconcileMs: 10_000 };

it('looks once after many events, and again for one that came during the look', async () => {
  let looks = 0;
  const pace = makePace(async () => {
    looks++;
    await delay(50);
  }, SLOW);
  for (let events = 0; events < 100; events++) pace.trigger();
  await delay(40);
  expect(looks).toBe(1);
  pace.trigger();
  await delay(300);
  expect(looks).toBe(2);
  await pace.close();
});

it('looks although events never stop', async () => {
  let looks = 0;
  const pace = makePace(async () => void looks++, SLOW);
  const end = performance.now() + 500;
  while (performance.now() < end) {
    pace.trigger();
    await delay(5);
  }
  expect(looks).toBeGreaterThanOrEqual(2);
  await pace.close();
});

it('looks now and then without events, but not after it is closed', async () => {
  let looks = 0;
  const pace = makePace(async () => void looks++, { ...SLOW, reconcileMs: 20 });
  await delay(300);
  expect(looks).toBeGreaterThanOrEqual(2);
  await pace.close();
  const after = looks;
  pace.trigger();
  await pace.lookNow();
  await delay(100);
  expect(looks).toBe(after);
});
