import { describe, expect, it } from 'vitest';
import { OVERLAP_MS, overAmong, signerAmong } from './key-life.ts';

const AHEAD_MS = 60_000;
const keys = [
  { kid: 'a', createdAt: 0 },
  { kid: 'b', createdAt: 1_000_000 },
  { kid: 'c', createdAt: 1_030_000 },
];
const signerAt = (now: number) => signerAmong(keys, now, AHEAD_MS)?.kid;
const overAt = (now: number) => overAmong(keys, now, AHEAD_MS).map(({ kid }) => kid);

describe('the life of a signing key', () => {
  it('begins to sign when it was published long enough, the first one at once', () => {
    expect(signerAt(0)).toBe('a');
    expect(signerAt(1_059_999)).toBe('a');
    expect(signerAt(1_060_000)).toBe('b');
    expect(signerAt(1_090_000)).toBe('c');
    expect(signerAmong([], 0, AHEAD_MS)).toBeUndefined();
  });

  it('lets the oldest sign when none was published long enough: the others were retired', () => {
    expect(signerAmong(keys.slice(1), 1_030_000, AHEAD_MS)?.kid).toBe('b');
  });

  it('is over when the last token it can have signed has ended everywhere', () => {
    expect(OVERLAP_MS).toBe(640_000);
    expect(overAt(1_060_000 + 639_999)).toEqual([]);
    expect(overAt(1_060_000 + 640_000)).toEqual(['a']);
    expect(overAt(1_090_000 + 640_000)).toEqual(['a', 'b']);
    expect(overAt(Number.MAX_SAFE_INTEGER)).toEqual(['a', 'b']);
  });
});
