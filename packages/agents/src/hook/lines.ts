import type { Edit, Piece } from '../happening.ts';

/** Lines of a file as it is now, counted from 1; without lines it is the place after line `start`. */
export interface LineRange {
  readonly start: number;
  readonly lines: number;
}

const unified = (text: string): string => text.replaceAll('\r\n', '\n');

const linesBefore = (text: string, index: number): number => {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0 && at < index; at = text.indexOf('\n', at + 1)) count++;
  return count;
};

/** The lines between what the old and the new text have in common at their beginnings and their ends. */
const differing = (before: string, after: string, offset = 0): LineRange[] => {
  if (before === after) return [];
  const old = before.split('\n');
  const young = after.split('\n');
  const most = Math.min(old.length, young.length);
  let head = 0;
  while (head < most && old[head] === young[head]) head++;
  let tail = 0;
  while (tail < most - head && old.at(-1 - tail) === young.at(-1 - tail)) tail++;
  const lines = old.length - head - tail;
  return [{ start: offset + head + (lines > 0 ? 1 : 0), lines }];
};

/** What a piece changes at one place: its lines in full, less those that it leaves as they are. */
const changedAt = (text: string, at: number, { old, young }: Piece): LineRange[] => {
  const start = text.lastIndexOf('\n', at - 1) + 1;
  const lineEnd = text.indexOf('\n', at + old.length);
  const end = lineEnd < 0 ? text.length : lineEnd;
  const after = text.slice(start, at) + young + text.slice(at + old.length, end);
  return differing(text.slice(start, end), after, linesBefore(text, start));
};

/** Nothing for a text that is not there, whose edit the client will refuse itself. */
const changedBy = (text: string, piece: Piece): LineRange[] => {
  const { old, everywhere } = piece;
  const ranges: LineRange[] = [];
  for (let at = text.indexOf(old); at >= 0 && old !== ''; at = text.indexOf(old, at + old.length)) {
    ranges.push(...changedAt(text, at, piece));
    if (!everywhere) break;
  }
  return ranges;
};

/**
 * The lines that an edit changes in a file with this text; `whole` where they cannot be told, say for a file that
 * is not there yet, or one in which the client may find another text than it says. None: the edit changes nothing, or
 * will fail by itself.
 */
export const touchedLines = ({ change }: Edit, text: string | undefined): readonly LineRange[] | 'whole' => {
  if (change === 'whole' || text === undefined) return 'whole';
  const now = unified(text);
  if ('text' in change) return differing(now, unified(change.text));
  const pieces = change.pieces.map((piece) => ({
    ...piece,
    old: unified(piece.old),
    young: unified(piece.young),
  }));
  if (pieces.some(({ loose, old }) => loose && !now.includes(old))) return 'whole';
  return pieces.flatMap((piece) => changedBy(now, piece));
};
