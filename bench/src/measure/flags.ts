import { parseArgs } from 'node:util';

/** Largest value a number flag may take; above it a bench would run for hours or exhaust memory. */
const FLAG_MAX = 10_000_000;

/** Flags that every bench takes beside its numbers. */
export interface CommonFlags {
  json: boolean;
  only?: RegExp;
  /** A missed bound makes the process exit with 1. */
  assert?: boolean;
  /** Folder with the data of a bench that needs some. */
  data?: string;
}

/**
 * Reads `--name 123` for every key of `numbers` (whose values are the defaults), `--json`, `--assert`, `--data <folder>`
 * and `--only <pattern>`. Throws on an unknown flag and on anything but a whole number from 0 to {@link FLAG_MAX}.
 */
export function readFlags<Name extends string>(
  argv: readonly string[],
  numbers: Readonly<Record<Name, number>>,
): Record<Name, number> & CommonFlags {
  const names = Object.keys(numbers) as Name[];
  const declared = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]));
  const { values } = parseArgs({
    args: [...argv],
    options: {
      ...declared,
      json: { type: 'boolean', default: false },
      assert: { type: 'boolean', default: false },
      only: { type: 'string' },
      data: { type: 'string' },
    },
  });
  const given: Readonly<Record<string, string | boolean | undefined>> = values;
  const result: Record<Name, number> = { ...numbers };
  for (const name of names) {
    const text = given[name];
    if (typeof text === 'string') result[name] = readWholeNumber(name, text);
  }
  const json = given['json'] === true;
  const only = given['only'];
  const data = given['data'];
  return {
    ...result,
    json,
    ...(typeof only === 'string' && { only: new RegExp(only, 'i') }),
    ...(typeof data === 'string' && { data }),
    ...(given['assert'] === true && { assert: true }),
  };
}

function readWholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > FLAG_MAX) {
    throw new Error(`--${name} takes a whole number from 0 to ${FLAG_MAX}, not "${text}"`);
  }
  return value;
}
