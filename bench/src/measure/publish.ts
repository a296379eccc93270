import { formatBounds, judge } from './bounds.ts';
import type { Bound, Judged } from './bounds.ts';
import type { CommonFlags } from './flags.ts';

export type Published<Figures extends object> = Figures & Judged;

/**
 * Ends a bench: with --json one object on one line of standard output, else its bounds for people. With --assert a
 * missed bound makes the process exit with 1.
 */
export function publish<Figures extends object>(
  figures: Figures,
  bounds: readonly Bound[],
  { json, assert }: Pick<CommonFlags, 'json' | 'assert'>,
): Published<Figures> {
  const published = { ...figures, ...judge(bounds) };
  process.stdout.write(`${json ? JSON.stringify(published) : formatBounds(published)}\n`);
  if (assert && !published.ok) process.exitCode = 1;
  return published;
}

/** Writes for people: to standard output, or to standard error when that is kept for JSON. */
export function makePrint(json: boolean): (text: string) => void {
  return (text) => void (json ? process.stderr : process.stdout).write(`${text}\n`);
}
