import { describe, expect, it } from 'vitest';
import { isCommandId, timeOf } from './command-id.ts';
import { makeIds } from './make-ids.ts';

const NOON = Date.UTC(2026, 10, 24, 12);

describe('ids of the hub', () => {
  it('are version 7 UUIDs that tell when they were made', () => {
    const id = makeIds(() => NOON)();
    expect(isCommandId(id)).toBe(true);
    expect(timeOf(id)).toBe(NOON);
  });
  it('ascend and do not repeat, also within a millisecond and across draws of random numbers', () => {
    const newId = makeIds(() => NOON);
    const ids = Array.from({ length: 5_000 }, newId);
    expect(ids).toEqual([...new Set(ids)].toSorted());
  });
  it('start anew at the earlier time when the clock was corrected far back', () => {
    let now = NOON;
    const newId = makeIds(() => now);
    newId();
    now -= 60_000;
    expect(timeOf(newId())).toBe(NOON - 60_000);
  });
});
