import { printable, printableJson, printableLines } from '../terminal/printable.ts';
import type { Style } from '../terminal/style.ts';
import type { Failure } from './failure.ts';
import type { Surroundings } from './surroundings.ts';

/** What a command says: lines for a person or, with --json, one object for a program. */
export interface Output {
  readonly isJson: boolean;
  readonly isTty: boolean;
  readonly style: Style;
  readonly columns: () => number;
  /** Our own words, with the command as it is called from here. */
  readonly asCalled: (words: string) => string;
  /** Lines for a person; nothing with --json. What others wrote in them was made printable by the caller. */
  line(...texts: string[]): void;
  /** The answer for a program; nothing without --json. */
  json(value: object): void;
  /** A remark that belongs to no answer, on stderr. */
  remark(text: string): void;
}

export const makeOutput = (surroundings: Surroundings, isJson: boolean): Output => ({
  isJson,
  isTty: surroundings.isTty && !isJson,
  style: surroundings.style,
  columns: surroundings.columns,
  asCalled: surroundings.asCalled,
  line(...texts) {
    if (!isJson) process.stdout.write(texts.map((text) => `${text}\n`).join(''));
  },
  json(value) {
    if (isJson) process.stdout.write(`${printableJson(value)}\n`);
  },
  remark(text) {
    process.stderr.write(`${surroundings.errorStyle.dim(text)}\n`);
  },
});

/** One line that says what is wrong, one that says what to do; with --json the same as an object on stdout. */
export const printFailure = (failure: Failure, surroundings: Surroundings, isJson: boolean): void => {
  const { errorStyle } = surroundings;
  const { code, message, data } = failure;
  const hint = failure.hint === undefined ? undefined : surroundings.asCalled(failure.hint);
  const lines = [`${errorStyle.red('act:')} ${printable(message)}`];
  if (hint !== undefined) lines.push(...hint.split('\n').map((line) => `     ${line}`));
  if (surroundings.env['ACT_DEBUG'] && failure.cause instanceof Error)
    lines.push(...printableLines(failure.cause.stack ?? ''));
  process.stderr.write(`${lines.join('\n')}\n`);
  if (!isJson) return;
  const error = { code, message, ...(hint === undefined ? {} : { hint }), ...data };
  process.stdout.write(`${printableJson({ error })}\n`);
};
