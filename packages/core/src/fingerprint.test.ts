import { expect, it } from 'vitest';
import { fingerprint, fingerprintOfWords } from './fingerprint.ts';

it('is 0 for the empty text only, and an integer that JavaScript and a bigint column hold', () => {
  expect(fingerprint('')).toBe(0);
  const prints = Array.from({ length: 20_000 }, (_, at) => fingerprint(`text ${at}`));
  expect(new Set(prints).size).toBe(prints.length);
  for (const print of prints) expect(Number.isSafeInteger(print) && print > 0).toBe(true);
});

it('of words tells the same words in either case, whatever stands between them, and no others', () => {
  const words = (text: string, seed = 1): number => fingerprintOfWords(text, 3, seed);
  const same = ['Fix the log-in', ' fix  the LOG in!', 'ｆｉｘ the log—in', 'fix\tthe\nlog/in'];
  expect(new Set(same.map((text) => words(text))).size).toBe(1);
  expect(words('Prüfe Größe №1')).toBe(words('prüfe größe no1'));
  const other = ['fix the login', 'fix the log in 2', 'the fix log in', 'fïx the log in'];
  expect(new Set([same[0] ?? '', ...other].map((text) => words(text))).size).toBe(1 + other.length);
  expect(words('fix the log in', 2)).not.toBe(words('fix the log in'));
  expect([words('fix tests'), words('… — !'), words('')]).toEqual([0, 0, 0]);
});
