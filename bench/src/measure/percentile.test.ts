import { expect, test } from 'vitest';

import { median, percentile, spread } from './percentile.ts';

test('a percentile lies between the two closest ranks', () => {
  expect(percentile([4, 1, 3, 2], 0.5)).toBe(2.5);
  expect(percentile([10, 20], 0.99)).toBeCloseTo(19.9);
  expect(percentile([7], 0.99)).toBe(7);
});

test('numbers are ordered by value, not by their text', () => {
  expect(median([9, 10, 100])).toBe(10);
});

test('a spread keeps the extremes', () => {
  expect(spread([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 });
});

test('refuses to summarise nothing', () => {
  expect(() => median([])).toThrow(RangeError);
});
