import { describe, expect, it } from 'vitest';
import { touchedLines } from './lines.ts';

const FILE = 'one\ntwo\nthree\nfour\nfive\n';
const pieces = (...given: (string | { old: string; everywhere?: boolean })[]) => ({
  path: 'f',
  kind: 'modified' as const,
  change: { pieces: given.map((piece) => (typeof piece === 'string' ? { old: piece } : piece)) },
});
const written = (text: string) => ({ path: 'f', kind: 'modified' as const, change: { text } });

describe('touchedLines', () => {
  it.each([
    ['a line', 'two', 2, 2],
    ['a line with its end', 'two\n', 2, 2],
    ['a part of a line', 'hre', 3, 3],
    ['several lines', 'two\nthree\nfo', 2, 4],
    ['the first line', 'one', 1, 1],
    ['the last line', 'five\n', 5, 5],
  ])('finds %s by its text', (_what, old, first, last) =>
    expect(touchedLines(pieces(old), FILE)).toEqual([{ first, last }]),
  );
  it('finds a piece wherever it stands when all are replaced, else where it stands first', () => {
    expect(touchedLines(pieces({ old: 'a', everywhere: true }), 'a\nb\na')).toEqual([
      { first: 1, last: 1 },
      { first: 3, last: 3 },
    ]);
    expect(touchedLines(pieces('a'), 'a\nb\na')).toEqual([{ first: 1, last: 1 }]);
  });
  it('finds text whose line ends are of the other kind', () =>
    expect(touchedLines(pieces('two\nthree'), FILE.replaceAll('\n', '\r\n'))).toEqual([
      { first: 2, last: 3 },
    ]));
  it('touches nothing with a text that is not there', () =>
    expect(touchedLines(pieces('six'), FILE)).toEqual([]));
  it('touches the lines that differ when a file is written anew', () => {
    expect(touchedLines(written('one\ntwo\n3\nfour\nfive\n'), FILE)).toEqual([{ first: 3, last: 3 }]);
    expect(touchedLines(written(FILE), FILE)).toEqual([]);
    expect(touchedLines(written('one\nfive\n'), FILE)).toEqual([{ first: 2, last: 4 }]);
  });
  it('touches the lines at the sides of an insertion', () => {
    const [range] = touchedLines(written('one\ntwo\nnew\nthree\nfour\nfive\n'), FILE);
    expect(range).toEqual({ first: 2, last: 2 });
  });
  it('touches the whole of a file that is not there, or of which nothing more is known', () => {
    expect(touchedLines(pieces('x'), undefined)).toBe('whole');
    expect(touchedLines({ path: 'f', kind: 'deleted', change: 'whole' }, FILE)).toBe('whole');
  });
});
