import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { setTimeout as sleep } from 'node:timers/promises';
import { CROWD_COMMANDS, LATE_MS, Overload } from './overload.ts';

/** Keeps the event loop for so long. */
const block = (ms: number): void => {
  const until = performance.now() + ms;
  while (performance.now() < until);
};

describe('an event loop that is late', () => {
  let overload: Overload;
  beforeEach(() => {
    overload = new Overload(undefined, 150);
  });
  afterEach(() => overload.close());

  /** Each time the loop is kept, timers come once before it is kept again. */
  const keepLate = async (times: number): Promise<void> => {
    for (let time = 0; time < times; time++) {
      block(300);
      await sleep(1);
    }
  };
  const isRefused = { read: () => overload.refuse('read'), work: () => overload.refuse('work') };
  const shareOf = (urgency: 'read' | 'work'): number =>
    Array.from({ length: 1_000 }, isRefused[urgency]).filter((one) => one !== undefined).length / 1_000;

  it('takes everything while it is in time, and after one long stall', async () => {
    await sleep(350);
    expect(overload.level).toBe(0);
    block(1_500);
    await sleep(20);
    expect(overload.lagMs).toBeGreaterThan(1_000);
    expect(overload.level).toBe(0);
    expect([shareOf('read'), shareOf('work')]).toEqual([0, 0]);
  });

  it('sends away more and more reads, then more and more new work, and takes all again', async () => {
    await keepLate(6);
    expect(shareOf('read')).toBeGreaterThan(0.15);
    expect(shareOf('read')).toBeLessThan(0.85);
    expect(shareOf('work')).toBe(0);
    await keepLate(3);
    expect(shareOf('read')).toBe(1);
    expect(shareOf('work')).toBeLessThan(0.85);
    await keepLate(6);
    expect([shareOf('read'), shareOf('work')]).toEqual([1, 1]);
    expect(overload.refuse('keep')).toBeUndefined();
    expect(overload.refuse('read')).toMatchObject({ code: 'overloaded' });
    await expect.poll(() => overload.level).toBe(0);
    expect([shareOf('read'), shareOf('work')]).toEqual([0, 0]);
  });

  it('says when to come back, not to all the same', async () => {
    await keepLate(12);
    const times = Array.from({ length: 100 }, () => overload.refuse('read')?.data?.['retryAfter']);
    expect(new Set(times)).toEqual(new Set([1, 2, 3, 4]));
  });
});

describe('an event loop that is in time', () => {
  const TURN_MS = 2;
  /** Turns the loop for so long; each turn does `work`. */
  const turn = async (ms: number, work: () => void): Promise<void> => {
    const until = performance.now() + ms;
    while (performance.now() < until) {
      work();
      await new Promise(setImmediate);
    }
  };

  it('sends calls away when each turn brings a caller, and not when every other turn does; streams never', async () => {
    const overload = new Overload();
    let turns = 0;
    await turn(1_500, () => turns++ % 2 === 0 && overload.entered());
    expect(overload.level).toBe(0);
    await turn(1_000, () => overload.entered());
    expect(overload.level).toBe(0);
    await turn(2_500, () => overload.entered());
    expect(overload.level).toBeGreaterThan(1);
    expect(overload.refuse('read')).toMatchObject({ code: 'overloaded' });
    expect(overload.refuseStream()).toBeUndefined();
    overload.close();
  });

  it('sends away when it is never idle and commands wait, and not when it waits itself', async () => {
    const overload = new Overload(() => LATE_MS);
    await sleep(1_500);
    expect(overload.level).toBe(0);
    await turn(1_000, () => block(TURN_MS));
    expect(overload.level).toBe(0);
    await turn(2_500, () => block(TURN_MS));
    expect(overload.level).toBeGreaterThan(1);
    overload.close();
  });

  it('is no reason to send away when nothing waits, however busy it is', async () => {
    const overload = new Overload(() => LATE_MS - 1);
    await turn(1_500, () => block(TURN_MS));
    expect(overload.level).toBe(0);
    overload.close();
  });
});

it('sends new work away from a lane by how long its first command has waited, when a crowd does', () => {
  const overload = new Overload();
  const shareAfter = (waitedMs: number): number =>
    Array.from({ length: 1_000 }, () => overload.refuseQueued('work', CROWD_COMMANDS, waitedMs)).filter(
      (one) => one !== undefined,
    ).length / 1_000;
  expect(shareAfter(LATE_MS)).toBe(0);
  expect(shareAfter(1.5 * LATE_MS)).toBeGreaterThan(0.3);
  expect(shareAfter(1.5 * LATE_MS)).toBeLessThan(0.7);
  expect(shareAfter(2 * LATE_MS)).toBe(1);
  expect(overload.refuseQueued('work', CROWD_COMMANDS - 1, 10 * LATE_MS)).toBeUndefined();
  overload.close();
});

it('leaves the last quarter of a lane to what keeps or ends work', () => {
  const overload = new Overload();
  expect(overload.refuseQueued('work', 3_071, 0)).toBeUndefined();
  expect(overload.refuseQueued('work', 3_072, 0)).toMatchObject({ code: 'overloaded' });
  expect(overload.refuseQueued('keep', 4_095, 9_000)).toBeUndefined();
  overload.close();
});
