import type { Style } from '../terminal/style.ts';
import { makeStyle } from '../terminal/style.ts';
import { makeAsCalled } from './as-called.ts';

const COLUMNS_DEFAULT = 80;
const COLUMNS_MIN = 60;

/** Where the command runs. The one place that looks at the process's environment and terminal. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly isTty: boolean;
  readonly columns: () => number;
  readonly style: Style;
  readonly errorStyle: Style;
  /** Our own words, with the command as it is called from here: for every hint that is shown. */
  readonly asCalled: (words: string) => string;
}

export const readSurroundings = (): Surroundings => {
  const { env, stdout, stderr, argv } = process;
  const mayColour = !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  return {
    env,
    isTty: stdout.isTTY ?? false,
    columns: () => Math.max(COLUMNS_MIN, stdout.columns || Number(env['COLUMNS']) || COLUMNS_DEFAULT),
    style: makeStyle(mayColour && (stdout.isTTY ?? false)),
    errorStyle: makeStyle(mayColour && (stderr.isTTY ?? false)),
    asCalled: makeAsCalled(env, argv[1] ?? ''),
  };
};
