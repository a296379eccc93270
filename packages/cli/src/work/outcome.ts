import { CONTENT_BYTES_MAX, NOTE_CHARS_MAX } from '@agentmix/act-contract';
import type { ProgramEnd } from './run-program.ts';

/** A program that ends with this gives its task back (EX_TEMPFAIL of sysexits.h). */
export const EXIT_RELEASE = 75;

const STDERR_LINES_MAX = 20;

/** The last lines that a program wrote, for whoever tries next. */
export class LastLines {
  readonly #lines: string[] = [];

  add(line: string): void {
    if (line.trim() === '') return;
    this.#lines.push(line);
    if (this.#lines.length > STDERR_LINES_MAX) this.#lines.shift();
  }

  get last(): string | undefined {
    return this.#lines.at(-1);
  }

  /** At most the contract's length of a note, the end of it counting most; storable anywhere. */
  note(): string {
    return this.#lines
      .join('\n')
      .replaceAll(/[\0\p{Cs}]/gu, '')
      .slice(-NOTE_CHARS_MAX)
      .replace(/^[\uDC00-\uDFFF]/, '');
  }
}

export type Outcome =
  | { readonly kind: 'complete'; readonly result?: Readonly<Record<string, unknown>> }
  | { readonly kind: 'release'; readonly note?: string }
  | { readonly kind: 'fail'; readonly reason: string };

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The last line of stdout as a result, if it is a JSON object of a size that the hub takes. */
const resultOf = (
  line: string | undefined,
): { result: Readonly<Record<string, unknown>> } | Record<string, never> => {
  if (line === undefined || !line.trimStart().startsWith('{') || Buffer.byteLength(line) > CONTENT_BYTES_MAX)
    return {};
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? { result: value } : {};
  } catch {
    return {};
  }
};

/** What the end of a program means for its task. */
export const outcomeOf = (end: ProgramEnd, lastStdout: string | undefined, stderr: LastLines): Outcome => {
  if (end.exitCode === 0) return { kind: 'complete', ...resultOf(lastStdout) };
  const note = stderr.note();
  if (end.exitCode === EXIT_RELEASE) return { kind: 'release', ...(note === '' ? {} : { note }) };
  const how =
    end.signalName === undefined ? `exit code ${end.exitCode ?? '?'}` : `ended by ${end.signalName}`;
  return { kind: 'fail', reason: note === '' ? how : `${how}: ${note}`.slice(0, NOTE_CHARS_MAX) };
};
