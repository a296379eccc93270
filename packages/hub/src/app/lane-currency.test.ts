import type { Commit } from '@agentmix/act-core';
import { makeMemoryStore } from '@agentmix/act-memory';
import { beforeEach, describe, expect, it } from 'vitest';
import { Currency } from './lane-currency.ts';

const PROJECT_ID = '01900000-0000-7000-8000-000000000001';

const COMMIT = {} as Commit;
/** What the turns were used for, in order. */
let done: string[] = [];
let currency: Currency;
beforeEach(() => {
  done = [];
  const log = { records: [], startSeq: 1, lastSeq: 7, writtenSeq: 7 };
  const noting = (what: string) => async () => (done.push(what), { outcome: 'stale' as const });
  const store = {
    ...makeMemoryStore({ clock: () => Date.now() }),
    commit: noting('commit'),
    takeTurn: async () => (
      done.push('turn'),
      { log, commit: noting('commit in turn'), end: () => void done.push('end') }
    ),
  };
  currency = new Currency(store, PROJECT_ID, true);
});

describe('a lane whose project other hubs may write to', () => {
  it('takes no turns while nobody else writes, though it is told how far its own commits reach', async () => {
    currency.heard(5, 5);
    expect(await currency.takeTurn(5)).toBeUndefined();
    expect(currency.mayBeBehind(5)).toBe(false);
    await currency.commit(COMMIT);
    currency.endTurn();
    expect(done).toEqual(['commit']);
  });

  it('takes turns with one that wrote, and with one that wants to', async () => {
    currency.heard(6, 5);
    expect(await currency.takeTurn(7)).toMatchObject({ lastSeq: 7 });
    currency.endTurn();
    expect(done).toEqual(['turn', 'end']);
    const wanted = new Currency(makeMemoryStore({ clock: () => Date.now() }), PROJECT_ID, true);
    wanted.heard(0, 5);
    expect(wanted.mayBeBehind(5)).toBe(true);
    expect(await wanted.takeTurn(0)).toMatchObject({ lastSeq: 0 });
  });

  it('is told nothing of a log that did not come with the turn as far as it goes', async () => {
    currency.beaten();
    expect(await currency.takeTurn(5)).toBeUndefined();
    expect(done).toEqual(['turn']);
  });

  it('has a turn for one batch, with whose commit it ends', async () => {
    currency.beaten();
    await currency.takeTurn(7);
    await currency.commit(COMMIT);
    currency.endTurn();
    await currency.commit(COMMIT);
    expect(done).toEqual(['turn', 'commit in turn', 'commit']);
    expect(currency.mayBeBehind(7)).toBe(true);
  });
});
