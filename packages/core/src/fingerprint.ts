const HIGH_START = 0xdeadbeef;
const LOW_START = 0x41c6ce57;
const HIGH_FACTOR = 0x85ebca6b;
const LOW_FACTOR = 0xc2b2ae35;

/** 53 bits of the two halves, each of which every bit of both then depends on. */
const avalanche = (highHalf: number, lowHalf: number): number => {
  const high =
    Math.imul(highHalf ^ (highHalf >>> 16), LOW_FACTOR) ^ Math.imul(lowHalf ^ (lowHalf >>> 13), HIGH_FACTOR);
  const low =
    Math.imul(lowHalf ^ (lowHalf >>> 16), LOW_FACTOR) ^ Math.imul(high ^ (high >>> 13), HIGH_FACTOR);
  return 4_294_967_296 * (2_097_151 & low) + (high >>> 0);
};

/**
 * A 53-bit fingerprint of a text, 0 for the empty one: tells whether a text changed without keeping it. Two
 * multiplicative hashes of 32 bits with a final avalanche (constants of MurmurHash3); not for adversaries.
 */
export const fingerprint = (text: string): number => {
  if (text === '') return 0;
  let high = HIGH_START;
  let low = LOW_START;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    high = Math.imul(high ^ unit, HIGH_FACTOR);
    low = Math.imul(low ^ unit, LOW_FACTOR);
  }
  return avalanche(high, low);
};

const PLAIN = /^[ -~]*$/;
const PLAIN_MAX = 0x7e;

/** A text in lower case, in which units that are not plain are part of letters or digits. */
const spelled = (text: string): string => {
  if (PLAIN.test(text)) return text.toLowerCase();
  const words = text
    .normalize('NFKC')
    .toLowerCase()
    .match(/[\p{L}\p{N}]+/gu);
  return words?.join(' ') ?? '';
};

const isOfWord = (unit: number): boolean =>
  (unit >= 0x61 && unit <= 0x7a) || (unit >= 0x30 && unit <= 0x39) || unit > PLAIN_MAX;

/**
 * The same for texts with the same words, that is letters and digits, in either case and whatever stands between them,
 * and with the same `seed`; 0 for fewer words than `wordsMin`. By way of a list of the words it took seven times as long.
 */
export const fingerprintOfWords = (text: string, wordsMin: number, seed: number): number => {
  const units = spelled(text);
  let high = HIGH_START ^ seed;
  let low = LOW_START ^ (seed / 4_294_967_296);
  let words = 0;
  let isBetween = true;
  for (let index = 0; index < units.length; index++) {
    const unit = units.charCodeAt(index);
    if (isOfWord(unit)) {
      // A word begins as if after a space, so that “log in” is not “login”.
      if (isBetween) {
        words++;
        high = Math.imul(high ^ 0x20, HIGH_FACTOR);
        low = Math.imul(low ^ 0x20, LOW_FACTOR);
      }
      high = Math.imul(high ^ unit, HIGH_FACTOR);
      low = Math.imul(low ^ unit, LOW_FACTOR);
      isBetween = false;
    } else isBetween = true;
  }
  return words < wordsMin ? 0 : avalanche(high, low);
};
