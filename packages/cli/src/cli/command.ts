import { parseArgs } from 'node:util';
import { Failure, usageFailure } from './failure.ts';
import { makeOutput } from './output.ts';
import type { Output } from './output.ts';
import type { Surroundings } from './surroundings.ts';

export interface OptionDefinition {
  readonly type: 'string' | 'boolean';
  readonly multiple?: boolean;
  /** What stands for the value in the usage: FILE, N, NAME. */
  readonly hint?: string;
  readonly summary: string;
}
export type OptionDefinitions = Readonly<Record<string, OptionDefinition>>;

type ValueOf<D extends OptionDefinition> = D extends { readonly type: 'boolean' }
  ? boolean
  : D extends { readonly multiple: true }
    ? readonly string[]
    : string;
export type Values<O extends OptionDefinitions> = { readonly [K in keyof O]?: ValueOf<O[K]> };

export interface PositionalDefinition {
  readonly name: string;
  readonly summary: string;
  readonly isOptional?: boolean;
}

export const jsonOption = {
  json: { type: 'boolean', summary: 'one JSON object as the last line on stdout' },
} as const satisfies OptionDefinitions;

export interface Context<O extends OptionDefinitions> {
  readonly values: Values<O>;
  readonly positionals: readonly string[];
  /** What stands after `--`. */
  readonly rest: readonly string[];
  readonly output: Output;
  readonly surroundings: Surroundings;
}

interface Description {
  /** All words after `act`. */
  readonly name: string;
  readonly summary: string;
  readonly positionals?: readonly PositionalDefinition[];
  /** What follows `--`, for commands that start another program. */
  readonly restHint?: string;
  readonly details?: readonly string[];
  readonly examples?: readonly string[];
}

export interface CommandDefinition<O extends OptionDefinitions> extends Description {
  readonly options: O;
  /** Returns the exit code; nothing is 0. */
  run(context: Context<O>): Promise<number | void>;
}

/** A command without the types of its options, as the table holds it. */
export interface Command extends Description {
  readonly kind: 'command';
  readonly options: OptionDefinitions;
  execute(words: readonly string[], surroundings: Surroundings): Promise<number>;
}

export interface Entry {
  readonly summary: string;
  readonly load: () => Promise<Command | Group>;
}

/** Commands with a first word in common. */
export interface Group {
  readonly kind: 'group';
  readonly name: string;
  readonly summary: string;
  readonly entries: Readonly<Record<string, Entry>>;
}

interface Parsed {
  readonly values: Record<string, unknown>;
  readonly positionals: readonly string[];
  readonly rest: readonly string[];
}

const helpHint = (name: string): string => `see: act ${name} --help`;

const parse = (
  definition: Description & { options: OptionDefinitions },
  words: readonly string[],
): Parsed => {
  const split = definition.restHint === undefined ? -1 : words.indexOf('--');
  const own = split < 0 ? words : words.slice(0, split);
  try {
    const { values, positionals } = parseArgs({
      args: [...own],
      options: Object.fromEntries(
        Object.entries(definition.options).map(([name, { type, multiple }]) => [
          name,
          { type, multiple: multiple ?? false },
        ]),
      ),
      allowPositionals: true,
      strict: true,
    });
    return { values, positionals, rest: split < 0 ? [] : words.slice(split + 1) };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    // Node's advice about positional arguments that begin with a dash is of no use here.
    throw usageFailure((error.message.split('. ')[0] ?? error.message).trim(), helpHint(definition.name));
  }
};

const checkPositionals = (definition: Description, given: readonly string[]): void => {
  const wanted = definition.positionals ?? [];
  const missing = wanted.slice(given.length).find(({ isOptional }) => !isOptional);
  if (missing)
    throw usageFailure(`${missing.name} is missing: ${missing.summary}`, helpHint(definition.name));
  if (given.length > wanted.length)
    throw usageFailure(
      `unexpected argument ${JSON.stringify(given[wanted.length])}`,
      helpHint(definition.name),
    );
};

/** Makes a command of its definition: arguments are checked strictly, an unknown option is an error. */
export const defineCommand = <const O extends OptionDefinitions>(
  definition: CommandDefinition<O>,
): Command => ({
  ...definition,
  kind: 'command',
  async execute(words, surroundings) {
    const { values, positionals, rest } = parse(definition, words);
    checkPositionals(definition, positionals);
    const output = makeOutput(surroundings, values['json'] === true);
    // parseArgs checked each value against the very definitions that the type is made from.
    const typed = values as Values<O>;
    return (await definition.run({ values: typed, positionals, rest, output, surroundings })) ?? 0;
  },
});

/** A whole number given as an option. */
export const wholeNumber = (
  text: string | undefined,
  name: string,
  min: number,
  max: number,
): number | undefined => {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() !== '' && Number.isInteger(value) && value >= min && value <= max) return value;
  throw usageFailure(`--${name} must be a whole number from ${min} to ${max}, not ${JSON.stringify(text)}`);
};

/** Capabilities given as `rust` or `rust:3`. */
export const capabilities = (
  texts: readonly string[] | undefined,
): { name: string; level: number }[] | undefined =>
  texts?.map((text) => {
    const match = /^(.+?)(?::(\d{1,3}))?$/.exec(text.trim());
    const level = Number(match?.[2] ?? 1);
    if (!match?.[1] || level > 100)
      throw new Failure(`${JSON.stringify(text)} is no capability`, {
        exitCode: 2,
        code: 'usage',
        hint: 'write NAME or NAME:LEVEL, the level from 0 to 100, for example rust:3',
      });
    return { name: match[1], level };
  });
