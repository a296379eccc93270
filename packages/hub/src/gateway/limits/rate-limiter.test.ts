import { describe, expect, it } from 'vitest';
import { makeRateLimiter } from './rate-limiter.ts';

/** A limiter on a clock that the test moves. */
const makeTimed = (pointsPerSecond: number) => {
  const time = { ms: 5_000 };
  return { time, ...makeRateLimiter(pointsPerSecond, () => time.ms) };
};

it('gives each key its points, and tells how long to wait for more', () => {
  const { time, consume, peek } = makeTimed(2);
  expect(consume('ada')).toBeUndefined();
  time.ms += 400;
  expect(consume('ada')).toBeUndefined();
  expect(peek('ada')).toBe(600);
  expect(consume('ada')).toBe(600);
  expect(consume('bob', 2)).toBeUndefined();
  expect(peek('cleo')).toBeUndefined();
});

it('counts a second from the first point on, however long ago the limiter was made', () => {
  const { time, consume, peek } = makeTimed(1);
  time.ms += 900;
  expect(consume('ada')).toBeUndefined();
  // A new generation begins, and the window of the one before goes on.
  time.ms += 999;
  expect(consume('ada')).toBe(1);
  time.ms += 1;
  expect(peek('ada')).toBeUndefined();
  expect(consume('ada')).toBeUndefined();
  expect(consume('ada')).toBe(1_000);
});

it('forgets what was counted when its time is over, also after a long silence', () => {
  const { time, consume } = makeTimed(1);
  consume('ada', 50);
  expect(consume('ada')).toBe(1_000);
  time.ms += 60_000;
  expect(consume('ada')).toBeUndefined();
});

it('does not limit where the limit is 0', () => {
  const { consume, peek } = makeTimed(0);
  expect(consume('ada', 1_000_000)).toBeUndefined();
  expect(peek('ada')).toBeUndefined();
});

describe('several hubs that keep one limit', () => {
  const LIMIT = 100;
  const TELL_EVERY_MS = 250;

  /** Hubs on one clock, and what all of them grant while every 10 ms each of them is asked for so many points. */
  const flood = (hubs: number, isTold: boolean, seconds: number, askedEach = 5) => {
    const time = { ms: 0 };
    const limiters = Array.from({ length: hubs }, () => makeRateLimiter(LIMIT, () => time.ms, true));
    let granted = 0;
    for (time.ms = 0; time.ms < seconds * 1_000; time.ms += 10) {
      for (const { consume } of limiters)
        for (let asked = 0; asked < askedEach; asked++) if (consume('ada') === undefined) granted++;
      if (isTold && time.ms % TELL_EVERY_MS === 0)
        for (const from of limiters)
          for (const [key, points] of from.tell(10))
            for (const to of limiters) if (to !== from) to.hear(key, points);
    }
    return { granted, limiters, time };
  };

  it('grant on average what one would, and each its own where nobody is told', () => {
    expect(flood(1, true, 60).granted).toBe(60 * LIMIT);
    for (const hubs of [2, 3, 5]) {
      expect(flood(hubs, false, 60).granted).toBe(hubs * 60 * LIMIT);
      const { granted } = flood(hubs, true, 60);
      // What is granted before the others are heard of is taken off later, but for the last few seconds.
      expect(granted).toBeLessThanOrEqual((60 + hubs) * LIMIT);
      expect(granted).toBeGreaterThanOrEqual(55 * LIMIT);
    }
  });

  it('let everybody in again some seconds after the flood, however much was told', () => {
    const { limiters, time } = flood(5, true, 10);
    for (const { hear } of limiters) hear('ada', 1_000_000);
    time.ms += 9_000;
    for (const { peek, consume } of limiters) {
      expect(peek('ada')).toBeUndefined();
      expect(consume('ada')).toBeUndefined();
    }
  });

  it('tell nothing of those who call little, and each point once', () => {
    const { consume, tell } = makeRateLimiter(LIMIT, () => 0, true);
    for (let calls = 0; calls < 3; calls++) consume('quiet');
    for (let calls = 0; calls < 50; calls++) consume('busy');
    for (let calls = 0; calls < 60; calls++) consume('busier');
    expect(tell(1)).toEqual([['busy', 50]]);
    expect(tell(10)).toEqual([['busier', 60]]);
    expect(tell(10)).toEqual([]);
  });

  it('take points granted elsewhere off what is left here', () => {
    const { consume, hear, peek } = makeRateLimiter(LIMIT, () => 0, true);
    hear('ada', LIMIT - 1);
    expect(peek('ada')).toBeUndefined();
    expect(consume('ada')).toBeUndefined();
    expect(peek('ada')).toBe(1_000);
    expect(consume('ada')).toBe(1_000);
  });
});
