import { setTimeout as sleep } from 'node:timers/promises';
import { makeMemoryStore } from '@agentmix/act-memory';
import { beforeEach, describe, expect, it } from 'vitest';
import { Currency } from './lane-currency.ts';

const PROJECT_ID = '01900000-0000-7000-8000-000000000001';

let taken = 0;
let ended = 0;
let currency: Currency;
beforeEach(() => {
  [taken, ended] = [0, 0];
  const store = {
    ...makeMemoryStore({ clock: () => Date.now() }),
    takeTurn: async () => (taken++, () => void ended++),
  };
  currency = new Currency(store, PROJECT_ID, true);
});

describe('a lane whose project other hubs may write to', () => {
  it('takes no turns while nobody else writes, though it is told how far its own commits reach', async () => {
    currency.heard(5, 5);
    await currency.takeTurn();
    expect(taken).toBe(0);
    expect(currency.mayBeBehind(5)).toBe(false);
  });

  it('takes turns with one that wrote, and with one that wants to', async () => {
    currency.heard(6, 5);
    await currency.takeTurn();
    currency.endTurn();
    expect([taken, ended]).toEqual([1, 1]);
    const wanted = new Currency(makeMemoryStore({ clock: () => Date.now() }), PROJECT_ID, true);
    wanted.heard(0, 5);
    expect(wanted.mayBeBehind(5)).toBe(true);
  });

  it('goes on within a turn once it has looked in the log, until others should come', async () => {
    currency.beaten();
    await currency.takeTurn();
    expect(currency.mayBeBehind(7)).toBe(true);
    currency.looked();
    expect(currency.mayBeBehind(7)).toBe(false);
    await currency.takeTurn();
    expect([taken, ended, currency.isTurnOver]).toEqual([1, 0, false]);
    await sleep(50);
    expect(currency.isTurnOver).toBe(true);
    currency.endTurn();
    expect(currency.isTurnOver).toBe(false);
    expect(currency.mayBeBehind(7)).toBe(true);
  });
});
