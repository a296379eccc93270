import { expect, it } from 'vitest';
import { scoreGenerated } from './generated.ts';

it('agrees with the merge of git on branches made from a seed', async () => {
  const { scenarios, conflicting, agreement } = await scoreGenerated(60, 3);
  expect(scenarios).toBe(60);
  expect(conflicting).toBeGreaterThan(3);
  expect(agreement).toBeGreaterThanOrEqual(0.99);
});
