import { describe, expect, it } from 'vitest';
import { bar } from './bar.ts';
import { alignColumns } from './columns.ts';
import { printable, printableJson } from './printable.ts';
import { makeStyle } from './style.ts';
import { spanText } from './time.ts';
import { fit, widthOf } from './width.ts';

describe('text on a terminal', () => {
  it('spells out everything that could act on it', () => {
    expect(printable('a\u001b[2Jb\u202ec\u009b1md\u200be\nf')).toBe(
      'a\\u{1b}[2Jb\\u{202e}c\\u{9b}1md\\u{200b}e\\u{a}f',
    );
    expect(printable('grün 日本 👍')).toBe('grün 日本 👍');
  });

  it('keeps JSON the same while escaping it', () => {
    const value = { title: 'a\u202eb\u009bc\u{e0041}d\u2028' };
    expect(printableJson(value)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}]/u);
    expect(JSON.parse(printableJson(value))).toEqual(value);
  });

  it('is cut and aligned by columns, not characters', () => {
    expect(widthOf('日本👍e\u0301')).toBe(7);
    expect(fit('日本語', 5)).toBe('日本…');
    expect(widthOf(makeStyle(true).red('ab'))).toBe(2);
    expect(
      alignColumns([
        ['日', 'x'],
        ['abc', 'y'],
      ]),
    ).toEqual(['日   x', 'abc  y']);
  });

  it('draws every part of a bar that is not empty, and never more than its columns', () => {
    const style = makeStyle(false);
    const paint = (text: string) => text;
    const segments = [1, 1, 1_000].map((value, at) => ({ value, mark: String(at), paint }));
    expect(bar(segments, 10, style)).toBe('0122222222');
    expect(bar([], 3, style)).toBe('░░░');
  });

  it('names lengths of time', () => {
    expect([0, 999, 59_999, 60_000, 3_900_000, 90_000_000].map(spanText)).toEqual([
      '0 ms',
      '999 ms',
      '59 s',
      '1 min',
      '1 h 5 min',
      '1 d',
    ]);
  });
});
