import type { LineRange } from '@agentmix/act-contract';
import { printable } from '../../terminal/printable.ts';

interface Place {
  readonly path?: string | undefined;
  readonly pattern?: string | undefined;
  readonly ranges?: readonly LineRange[] | undefined;
}

const linesOf = ({ start, lines }: LineRange): string =>
  lines === 0 ? `after ${start}` : lines === 1 ? String(start) : `${start}-${start + lines - 1}`;

/** A region in words; paths are others’ text. */
export const placeOf = ({ path, pattern, ranges }: Place): string =>
  printable(path ?? pattern ?? '') + (ranges ? `:${ranges.map(linesOf).join(',')}` : '');
