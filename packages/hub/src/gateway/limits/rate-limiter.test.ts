import { expect, it } from 'vitest';
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
