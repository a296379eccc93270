import fc from 'fast-check';
import { expect, it } from 'vitest';
import { touch, touches } from './touches.ts';

const lines = (start: number, length: number) => ({ start, length });

it('says that ranges touch when they share a line or are neighbours', () => {
  expect(touch(lines(5, 3), lines(7, 1))).toBe(true);
  expect(touch(lines(5, 3), lines(8, 2))).toBe(true);
  expect(touch(lines(5, 3), lines(9, 2))).toBe(false);
  expect(touch(lines(5, 3), lines(3, 1))).toBe(false);
});

it('puts an insertion into the gap after its line', () => {
  expect(touch(lines(0, 0), lines(1, 1))).toBe(true);
  expect(touch(lines(4, 0), lines(4, 0))).toBe(true);
  expect(touch(lines(4, 0), lines(5, 0))).toBe(false);
  expect(touch(lines(4, 0), lines(4, 1))).toBe(true);
  expect(touch(lines(4, 0), lines(5, 1))).toBe(true);
  expect(touch(lines(4, 0), lines(6, 1))).toBe(false);
});

it('finds a touch between lists exactly when two of their ranges touch, in any order', () => {
  const range = fc.record({ start: fc.nat(60), length: fc.nat(4) });
  const list = fc.array(range, { maxLength: 6 });
  fc.assert(
    fc.property(list, list, (ones, others) => {
      const anyPair = ones.some((one) => others.some((other) => touch(one, other)));
      expect(touches(ones, others)).toBe(anyPair);
      expect(touches(others, ones)).toBe(anyPair);
    }),
    { numRuns: 2_000 },
  );
});
