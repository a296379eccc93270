import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { describe, expect, it } from 'vitest';
import { deliver, fit } from './deliver.ts';
import { readEnvelope } from './envelope.ts';
import type { Part } from './envelope.ts';
import { weigh } from './weigh.ts';

const TEXTS = {
  prose: 'The parser should keep comments, even where a line ends within a string. '.repeat(200),
  code: 'if (a[i] !== b[j]) { return x?.y ?? (z - 1); } // see #42\n'.repeat(200),
  digits: '31415926535897932384626433832795028841971'.repeat(200),
  base64: 'dGhlIHF1aWNrIGJyb3duIGZveCBqdW1wcyBvdmVyIHRoZSBsYXp5IGRvZw'.repeat(200),
  chinese: '解析器必须保留注释，即使一行在字符串中结束。'.repeat(200),
  emoji: '👩‍👩‍👧‍👦🏴‍☠️🫠'.repeat(300),
  rare: 'ᚠᛇᚻ᛫ᛒᛦᚦ᛫ꙮ𒀀𓀀'.repeat(300),
  accents: 'ǎ̷̡̛̮͇n̸̢͎̚g̶r̵'.repeat(300),
  lines: '\n'.repeat(3_000),
  escapes: '\\u{\u202e}'.repeat(1_000),
};
const part = (text: string): Part => ({ kind: 'message', provenance: { id: '1', from: 'eve' }, text });

describe('text of others', () => {
  for (const [name, text] of Object.entries(TEXTS))
    it(`weighs no less than its tokens, and no more than there is room for: ${name}`, () => {
      expect(weigh(text.slice(0, 2_000))).toBeGreaterThanOrEqual(countTokens(text.slice(0, 2_000)));
      const delivered = deliver([part(text), part(text), part('short')], 600) ?? '';
      expect(countTokens(delivered)).toBeLessThanOrEqual(600);
      expect(weigh(delivered)).toBeGreaterThan(450);
      const { parts = [] } = readEnvelope(delivered) ?? {};
      expect(parts.map(({ charsOfWhole }) => charsOfWhole)).toEqual([text.length, text.length, undefined]);
      expect(text.startsWith(parts[0]?.text ?? '-')).toBe(true);
    });
  it('is left alone where it fits, and cut to the same length when it is fitted again', () => {
    const parts = [part('a'), part(TEXTS.prose), part('b')];
    const fitted = fit(parts, 500);
    expect([fitted[0], fitted[2]]).toEqual([parts[0], parts[2]]);
    expect(fit(fitted, 500)).toEqual(fitted);
  });
  it('is cut without half a sign at its end', () => {
    expect(fit([part('😀'.repeat(1_000))], 200)[0]?.text).toMatch(/^(😀)+$/u);
  });
  it('leaves the room that short texts do not need to the long ones', () => {
    const { parts = [] } =
      readEnvelope(deliver([part('short'), part(TEXTS.prose), part('short')], 600) ?? '') ?? {};
    expect(countTokens(parts[1]?.text ?? '')).toBeGreaterThan(250);
  });
});
