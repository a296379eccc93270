import { expect, test } from 'vitest';

import { formatBounds, judge } from './bounds.ts';

test('a figure at its bound keeps it, one above misses it, and one miss is a miss', () => {
  const judged = judge([
    { figure: 'at', value: 2, max: 2 },
    { figure: 'above', value: 2.1, max: 2 },
  ]);
  expect(judged.ok).toBe(false);
  expect(judged.bounds.map(({ ok }) => ok)).toEqual([true, false]);
  expect(formatBounds(judged)).toBe('ok      at 2.000 ≤ 2\nMISSED  above 2.100 ≤ 2');
});

test('a figure that could not be taken misses its bound', () => {
  expect(judge([{ figure: 'none', value: Number.NaN, max: 1 }]).ok).toBe(false);
});
