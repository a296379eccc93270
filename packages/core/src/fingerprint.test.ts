import { expect, it } from 'vitest';
import { fingerprint } from './fingerprint.ts';

it('is 0 for the empty text only, and an integer that JavaScript and a bigint column hold', () => {
  expect(fingerprint('')).toBe(0);
  const prints = Array.from({ length: 20_000 }, (_, at) => fingerprint(`text ${at}`));
  expect(new Set(prints).size).toBe(prints.length);
  for (const print of prints) expect(Number.isSafeInteger(print) && print > 0).toBe(true);
});
