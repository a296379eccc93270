import type { Edit } from '../happening.ts';

/** Lines of a file as it is now, from 1, both ends included. An insertion touches the lines at its sides. */
export interface Range {
  readonly first: number;
  readonly last: number;
}

const unified = (text: string): string => text.replaceAll('\r\n', '\n');

const linesBefore = (text: string, index: number): number => {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0 && at < index; at = text.indexOf('\n', at + 1)) count++;
  return count;
};

const rangeAt = (text: string, start: number, length: number): Range => {
  const first = linesBefore(text, start) + 1;
  return { first, last: first + linesBefore(text.slice(start, start + Math.max(0, length - 1)), length) };
};

/** Where a piece stands; nowhere for a text that is not there, whose edit the client will refuse itself. */
const findPiece = (text: string, old: string, everywhere: boolean): Range[] => {
  const ranges: Range[] = [];
  for (let at = text.indexOf(old); at >= 0 && old !== ''; at = text.indexOf(old, at + old.length)) {
    ranges.push(rangeAt(text, at, old.length));
    if (!everywhere) break;
  }
  return ranges;
};

/** The lines between what the old and the new text have in common at their beginning and their end. */
const differing = (before: string, after: string): Range[] => {
  if (before === after) return [];
  const old = before.split('\n');
  const young = after.split('\n');
  let head = 0;
  while (head < old.length && old[head] === young[head]) head++;
  let tail = 0;
  while (
    tail < old.length - head &&
    tail < young.length - head &&
    old[old.length - 1 - tail] === young[young.length - 1 - tail]
  )
    tail++;
  const last = old.length - tail;
  return [{ first: Math.max(1, Math.min(head + 1, last)), last: Math.max(1, last, head) }];
};

/**
 * The lines that an edit replaces in a file with this text; `whole` where they cannot be told, say for a file that
 * is not there yet. None: the edit changes nothing, or will fail by itself.
 */
export const touchedLines = ({ change }: Edit, text: string | undefined): readonly Range[] | 'whole' => {
  if (change === 'whole' || text === undefined) return 'whole';
  const now = unified(text);
  if ('text' in change) return differing(now, unified(change.text));
  return change.pieces.flatMap(({ old, everywhere = false }) => findPiece(now, unified(old), everywhere));
};
