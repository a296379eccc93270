import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { setTimeout as sleep } from 'node:timers/promises';
import { Overload } from './overload.ts';

/** Keeps the event loop for so long. */
const block = (ms: number): void => {
  const until = performance.now() + ms;
  while (performance.now() < until);
};

describe('an event loop that is late', () => {
  let overload: Overload;
  beforeEach(() => {
    overload = new Overload({ read: 150, work: 400 });
  });
  afterEach(() => overload.close());

  /** Each time the loop is kept, timers come once before it is kept again. */
  const keepLate = async (ms: number): Promise<void> => {
    for (let times = 0; times < 4; times++) {
      block(ms);
      await sleep(1);
    }
  };
  const refused = () => (['keep', 'work', 'read'] as const).filter((one) => overload.refuse(one));

  it('takes everything while it is in time, and after one long stall', async () => {
    await sleep(450);
    expect(refused()).toEqual([]);
    block(1_500);
    await sleep(250);
    expect(refused()).toEqual([]);
  });

  it('sends reads away first, then new work, never what keeps or ends work, and takes all again', async () => {
    await keepLate(350);
    expect(refused()).toEqual(['read']);
    expect(overload.refuse('read')).toMatchObject({ code: 'overloaded' });
    await keepLate(600);
    expect(refused()).toEqual(['work', 'read']);
    expect(overload.level).toBe(2);
    await expect.poll(refused).toEqual([]);
    expect(overload.level).toBe(0);
  });

  it('says when to come back, not to all the same', async () => {
    await keepLate(350);
    const times = Array.from({ length: 100 }, () => overload.refuse('read')?.data?.['retryAfter']);
    expect(new Set(times)).toEqual(new Set([1, 2, 3, 4]));
  });
});

it('leaves the last quarter of a lane to what keeps or ends work', () => {
  const overload = new Overload();
  expect(overload.refuseQueued('work', 3_071)).toBeUndefined();
  expect(overload.refuseQueued('work', 3_072)).toMatchObject({ code: 'overloaded' });
  expect(overload.refuseQueued('keep', 4_095)).toBeUndefined();
  overload.close();
});
