import { randomInt } from 'node:crypto';

/** Digits in the order of their values. */
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** A random word; each character has log2(62) = 5.95 bits and no bias (`randomInt` draws again instead of folding). */
export const randomBase62 = (length: number): string =>
  Array.from({ length }, () => DIGITS.charAt(randomInt(DIGITS.length))).join('');

/** A whole number, 0 or greater, in so many digits; longer numbers lose their leading digits. */
export const toBase62 = (value: number, length: number): string => {
  let rest = value;
  let text = '';
  for (let place = 0; place < length; place++) {
    text = DIGITS.charAt(rest % DIGITS.length) + text;
    rest = Math.floor(rest / DIGITS.length);
  }
  return text;
};
