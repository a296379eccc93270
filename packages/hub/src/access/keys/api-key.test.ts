import { createHash, randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashSecret, makeKey, parseKey, sameHash } from './api-key.ts';
import { randomBase62, toBase62 } from './base62.ts';

const keys = fc
  .tuple(fc.uuid(), fc.constantFrom('live' as const, 'test' as const))
  .map(([keyId, environment]) => makeKey(keyId, environment));

describe('the text of an API key', () => {
  it('says environment, id and secret, and reads back the same', () => {
    fc.assert(
      fc.property(keys, ({ text, ...key }) => {
        expect(text).toMatch(/^act_(live|test)_[0-9a-f]{32}_[0-9A-Za-z]{30}_[0-9A-Za-z]{6}$/);
        expect(parseKey(text)).toEqual(key);
      }),
    );
  });

  it('has the checksum that others compute from the documented format', () => {
    // zlib.crc32(b'act_test_0190…_AAAA…') in Python is 0xcd51e836, in base62 3l7b5K.
    const body = `act_test_01900000000070008000000000000000_${'A'.repeat(30)}`;
    expect(parseKey(`${body}_3l7b5K`)).toMatchObject({
      keyId: '01900000-0000-7000-8000-000000000000',
      secret: 'A'.repeat(30),
    });
  });

  it('is refused with any one character changed to any other, also outside ASCII', () => {
    const { text } = makeKey(randomUUID(), 'live');
    const characters = [
      ...Array.from({ length: 128 }, (_, code) => String.fromCharCode(code)),
      'é',
      'Ａ',
      '０',
      '\u{1d7d8}',
    ];
    for (let at = 0; at < text.length; at++)
      for (const character of characters)
        if (character !== text[at])
          expect(parseKey(text.slice(0, at) + character + text.slice(at + 1))).toBeUndefined();
  });

  it('is refused with two neighbours exchanged, a character missing or one too many', () => {
    fc.assert(
      fc.property(keys, fc.nat(77), ({ text }, at) => {
        const [a, b] = [text.charAt(at), text.charAt(at + 1)];
        if (a !== b) expect(parseKey(text.slice(0, at) + b + a + text.slice(at + 2))).toBeUndefined();
        expect(parseKey(text.slice(0, at) + text.slice(at + 1))).toBeUndefined();
        expect(parseKey(text.slice(0, at) + b + text.slice(at))).toBeUndefined();
        for (const around of [` ${text}`, `${text}\n`, `${text}=`]) expect(parseKey(around)).toBeUndefined();
      }),
    );
  });

  it('never throws, whatever is read', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => parseKey(text) === undefined),
    );
    expect(parseKey('a'.repeat(10_000_000))).toBeUndefined();
  });
});

describe('secrets', () => {
  it('are drawn from all 62 characters alike', () => {
    const counts = new Map<string, number>();
    const drawn = 62_000;
    for (const character of randomBase62(drawn)) counts.set(character, (counts.get(character) ?? 0) + 1);
    expect(counts.size).toBe(62);
    const expected = drawn / 62;
    const chiSquared = [...counts.values()].reduce(
      (sum, count) => sum + (count - expected) ** 2 / expected,
      0,
    );
    // 61 degrees of freedom: a fair draw exceeds 140 once in 10^7; folding bytes into 62 would give about 400.
    expect(chiSquared).toBeLessThan(140);
  });

  it('are stored as SHA-256 and compared whole', () => {
    const { secret } = makeKey(randomUUID(), 'live');
    const hash = hashSecret(secret);
    expect(hash).toBe(createHash('sha256').update(secret).digest('hex'));
    expect(sameHash(hash, hashSecret(secret))).toBe(true);
    for (let at = 0; at < hash.length; at++) {
      const digit = hash[at] === '0' ? '1' : '0';
      expect(sameHash(hash, hash.slice(0, at) + digit + hash.slice(at + 1))).toBe(false);
    }
    expect(sameHash(hash, hash.slice(1))).toBe(false);
    expect(sameHash(hash, 'é'.repeat(hash.length))).toBe(false);
  });
});

it('writes numbers in base 62', () => {
  expect([0, 61, 62, 0xffffffff].map((value) => toBase62(value, 6))).toEqual([
    '000000',
    '00000z',
    '000010',
    '4gfFC3',
  ]);
});
