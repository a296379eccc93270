import { expect, it } from 'vitest';
import { readWords } from './words.ts';

it('reads what a hub says', () => {
  const words = { hub: 'a', moved: [['p', 7]], beat: 1.5, told: { counts: '{}' } };
  expect(readWords(JSON.stringify(words))).toEqual(words);
});

it('reads nothing larger than a hub says', () => {
  const words = { hub: 'a', moved: [], told: { counts: 'x'.repeat(1_048_576) } };
  expect(readWords(JSON.stringify(words))).toBeUndefined();
});
