import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Edit, Piece } from '../happening.ts';
import { touchedLines } from './lines.ts';

const FILE = 'one\ntwo\nthree\nfour\nfive\n';
const replacing = (...pieces: Piece[]): Edit => ({ path: 'f', kind: 'modified', change: { pieces } });
const writing = (text: string): Edit => ({ path: 'f', kind: 'modified', change: { text } });

describe('the lines that a replaced text touches', () => {
  it.each([
    ['a line', 'two', '2', 2, 1],
    ['a line with its end', 'two\n', '2\n', 2, 1],
    ['a part of a line', 'hre', 'HRE', 3, 1],
    ['several lines', 'two\nthree\nfo', '2\n3\nFO', 2, 3],
    ['the first line', 'one', '1', 1, 1],
    ['the last line', 'five\n', '5\n', 5, 1],
    ['a line that goes', 'two\n', '', 2, 1],
  ])('are %s', (_what, old, young, start, lines) =>
    expect(touchedLines(replacing({ old, young }), FILE)).toEqual([{ start, lines }]),
  );
  it('are all where the client may find another text than it says', () => {
    const loose = (old: string) => touchedLines(replacing({ old, young: '2', loose: true }), FILE);
    expect(loose('two')).toEqual([{ start: 2, lines: 1 }]);
    expect(loose('  two')).toBe('whole');
  });
  it('are not those around it that stay as they are', () =>
    expect(touchedLines(replacing({ old: 'one\ntwo\nthree', young: 'one\n2\nthree' }), FILE)).toEqual([
      { start: 2, lines: 1 },
    ]));
  it('are a place between two lines for an insertion', () =>
    expect(touchedLines(replacing({ old: 'two\nthree', young: 'two\nnew\nthree' }), FILE)).toEqual([
      { start: 2, lines: 0 },
    ]));
  it('are wherever it stands when all are replaced, else where it stands first', () => {
    const piece = { old: 'a', young: 'b' };
    expect(touchedLines(replacing({ ...piece, everywhere: true }), 'a\nb\na')).toEqual([
      { start: 1, lines: 1 },
      { start: 3, lines: 1 },
    ]);
    expect(touchedLines(replacing(piece), 'a\nb\na')).toEqual([{ start: 1, lines: 1 }]);
  });
  it('are found where the file has line ends of the other kind', () =>
    expect(
      touchedLines(replacing({ old: 'two\nthree', young: '2\n3' }), FILE.replaceAll('\n', '\r\n')),
    ).toEqual([{ start: 2, lines: 2 }]));
  it('are none for a text that is not there', () =>
    expect(touchedLines(replacing({ old: 'six', young: '6' }), FILE)).toEqual([]));
});

describe('the lines that writing a file anew touches', () => {
  it('are those that differ', () => {
    expect(touchedLines(writing('one\ntwo\n3\nfour\nfive\n'), FILE)).toEqual([{ start: 3, lines: 1 }]);
    expect(touchedLines(writing('one\nfive\n'), FILE)).toEqual([{ start: 2, lines: 3 }]);
    expect(touchedLines(writing(`${FILE}six\n`), FILE)).toEqual([{ start: 5, lines: 0 }]);
    expect(touchedLines(writing(FILE), FILE)).toEqual([]);
  });
  it('leave everything else as it is', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(text, text, (old, young) => {
        const touched = touchedLines(writing(young.join('\n')), old.join('\n'));
        const range = touched === 'whole' ? undefined : touched[0];
        const before = range ? range.start - Math.min(range.lines, 1) : old.length;
        const after = old.length - before - (range?.lines ?? 0);
        expect(young.slice(0, before)).toEqual(old.slice(0, before));
        expect(young.slice(young.length - after)).toEqual(old.slice(old.length - after));
      }),
    );
  });
});

it('a file that is not there, or of which nothing more is known, is touched whole', () => {
  expect(touchedLines(replacing({ old: 'x', young: 'y' }), undefined)).toBe('whole');
  expect(touchedLines({ path: 'f', kind: 'deleted', change: 'whole' }, FILE)).toBe('whole');
});
