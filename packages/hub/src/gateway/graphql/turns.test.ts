import { expect, it } from 'vitest';
import { makeTurns } from './turns.ts';

const work = (ms: number): void => {
  const until = performance.now() + ms;
  while (performance.now() < until);
};

it('gives others their turn between pieces of work that come at once', async () => {
  const takeTurn = makeTurns(10);
  const told: string[] = [];
  const other = setInterval(() => told.push('other'), 0);
  await Promise.all(
    Array.from({ length: 6 }, async () => {
      await takeTurn();
      work(6);
      told.push('piece');
    }),
  );
  clearInterval(other);
  expect(told.filter((who) => who === 'piece')).toHaveLength(6);
  // Two pieces of 6 ms begin within 10 ms; a third one does not.
  expect(told.join(' ')).not.toContain('piece piece piece');
});
