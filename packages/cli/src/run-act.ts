import { entries } from './commands.ts';
import type { Command, Entry, Group } from './cli/command.ts';
import { EXIT, Failure, usageFailure } from './cli/failure.ts';
import { printFailure } from './cli/output.ts';
import { readSurroundings } from './cli/surroundings.ts';
import type { Surroundings } from './cli/surroundings.ts';
import { printable } from './terminal/printable.ts';

const isHelp = (word: string | undefined): boolean => word === '--help' || word === '-h' || word === 'help';

/** Whether the words before `--` ask for something; what stands after it belongs to another program. */
const asks = (words: readonly string[], ...names: string[]): boolean => {
  const end = words.indexOf('--');
  return (end < 0 ? words : words.slice(0, end)).some((word) => names.includes(word));
};

const print = (lines: readonly string[]): void => {
  process.stdout.write(`${lines.join('\n')}\n`);
};

const find = (table: Readonly<Record<string, Entry>>, word: string, group: string): Entry => {
  const entry = Object.hasOwn(table, word) ? table[word] : undefined;
  if (entry) return entry;
  const what = `${group}${word}`.trim();
  throw usageFailure(`there is no command act ${printable(what)}`, `see: act ${group}--help`);
};

const runCommand = async (
  command: Command,
  words: readonly string[],
  surroundings: Surroundings,
): Promise<number> => {
  if (!asks(words, '--help', '-h')) return command.execute(words, surroundings);
  const { commandUsage } = await import('./cli/usage.ts');
  print(commandUsage(command, surroundings));
  return EXIT.ok;
};

const runGroup = async (
  group: Group,
  words: readonly string[],
  surroundings: Surroundings,
): Promise<number> => {
  const [word, ...rest] = words;
  if (word === undefined || isHelp(word)) {
    const { groupUsage } = await import('./cli/usage.ts');
    print(groupUsage(group, surroundings));
    return word === undefined ? EXIT.usage : EXIT.ok;
  }
  const found = await find(group.entries, word, `${group.name} `).load();
  return found.kind === 'group' ? runGroup(found, rest, surroundings) : runCommand(found, rest, surroundings);
};

const dispatch = async (words: readonly string[], surroundings: Surroundings): Promise<number> => {
  const [word, ...rest] = words;
  if (word === undefined || isHelp(word)) {
    const { mainUsage } = await import('./cli/usage.ts');
    print(mainUsage(entries, surroundings));
    return word === undefined ? EXIT.usage : EXIT.ok;
  }
  if (word === '--version' || word === '-v') {
    const { VERSION } = await import('./version.ts');
    print([VERSION]);
    return EXIT.ok;
  }
  const found = await find(entries, word, '').load();
  return found.kind === 'group' ? runGroup(found, rest, surroundings) : runCommand(found, rest, surroundings);
};

/** Anything thrown becomes one line; only a defect of this program is shown with where it happened. */
const failureOf = async (error: unknown): Promise<Failure> => {
  if (error instanceof Failure) return error;
  const { explainError } = await import('./connection/explain-error.ts');
  return explainError(error);
};

/** Runs one command line and returns its exit code; never rejects. */
export const runAct = async (words: readonly string[]): Promise<number> => {
  const surroundings = readSurroundings();
  // Whoever reads our output may stop reading: `act plan show | head`.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.ok);
  });
  try {
    return await dispatch(words, surroundings);
  } catch (error) {
    const failure = await failureOf(error);
    printFailure(failure, surroundings, asks(words, '--json'));
    return failure.exitCode;
  }
};
