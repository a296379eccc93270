import type { Reservation } from '@agentmix/act-contract';
import { compileGlob } from '@agentmix/act-contract/glob';
import type { LineRange } from '../hook/lines.ts';
import type { StagedFile } from './commit-files.ts';

/** Positions between lines, of which 0 is before the first: where a range begins and ends. */
const firstGap = ({ start, lines }: LineRange): number => (lines === 0 ? start : start - 1);
const lastGap = ({ start, lines }: LineRange): number => (lines === 0 ? start : start - 1 + lines);

/** Whether git would merge changes of both as one: they share a line, or no line lies between them. */
const touch = (one: LineRange, other: LineRange): boolean =>
  firstGap(one) <= lastGap(other) && firstGap(other) <= lastGap(one);

const isOf = ({ path, pattern }: Reservation, file: string): boolean =>
  path === undefined ? compileGlob(pattern ?? '')(file) : path === file;

const touches = ({ ranges }: Reservation, { lines }: StagedFile): boolean =>
  ranges === undefined || ranges.some((range) => lines.some((line) => touch(range, line)));

/** Reservations of others in the files of a commit. */
export interface InTheWay {
  /** Granted, exclusive, and of lines that the commit changes. */
  readonly refusing: readonly Reservation[];
  /** Every other one: elsewhere in the files, shared, or still waiting. */
  readonly near: readonly Reservation[];
}

/** What stands in the way of a commit by these agents. Pure. */
export const inTheWay = (
  files: readonly StagedFile[],
  reservations: readonly Reservation[],
  own: ReadonlySet<string>,
): InTheWay => {
  const others = reservations.filter(
    (one) => !own.has(one.agentId) && files.some(({ path }) => isOf(one, path)),
  );
  const isRefusing = (one: Reservation): boolean =>
    one.status === 'granted' &&
    one.mode === 'exclusive' &&
    files.some((file) => isOf(one, file.path) && touches(one, file));
  return { refusing: others.filter(isRefusing), near: others.filter((one) => !isRefusing(one)) };
};
