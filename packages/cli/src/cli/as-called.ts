import { basename } from 'node:path';
import { entries } from '../commands.ts';

/** `act` where it is called, and not where its name is told. */
const CALLS = new RegExp(String.raw`\bact (?=(?:${Object.keys(entries).join('|')}|COMMAND|--help)\b)`, 'g');

/**
 * How the command line is called from where it was started. In a clone of this project `act` is in no PATH: there npm
 * calls it, or a client of an agent by its script.
 */
const callOf = (env: Readonly<Record<string, string | undefined>>, script: string): string => {
  if (env['npm_package_name'] === 'act-hub') return 'npm run act --';
  return basename(script) === 'act.mjs' ? `node ${script}` : 'act';
};

/** Turns our own words, in which the command is `act`, into such as can be typed here. Never for words of others. */
export const makeAsCalled = (
  env: Readonly<Record<string, string | undefined>>,
  script: string,
): ((words: string) => string) => {
  const call = callOf(env, script);
  return (words) => words.replaceAll(CALLS, () => `${call} `);
};
