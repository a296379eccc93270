import { alignColumns } from '../terminal/columns.ts';
import type { Style } from '../terminal/style.ts';
import type { Command, Entry, Group, OptionDefinition } from './command.ts';
import type { Surroundings } from './surroundings.ts';

type Shown = Pick<Surroundings, 'style' | 'asCalled'>;

const optionText = (name: string, option: OptionDefinition): string =>
  `--${name}${option.type === 'string' ? ` ${option.hint ?? 'TEXT'}` : ''}`;

const section = (title: string, rows: readonly (readonly string[])[], style: Style): string[] =>
  rows.length === 0 ? [] : ['', style.bold(title), ...alignColumns(rows).map((line) => `  ${line}`)];

/** Help of one command. */
export const commandUsage = (command: Command, { style, asCalled }: Shown): string[] => {
  const words = (command.positionals ?? []).map(({ name, isOptional }) => (isOptional ? `[${name}]` : name));
  const rest = command.restHint === undefined ? '' : ` -- ${command.restHint}`;
  const usage = ['act', command.name, ...words, '[options]'].join(' ');
  return [
    command.summary,
    '',
    `${style.bold('Usage')}  ${asCalled(usage)}${rest}`,
    ...section(
      'Arguments',
      (command.positionals ?? []).map(({ name, summary }) => [style.cyan(name), summary]),
      style,
    ),
    ...section(
      'Options',
      Object.entries(command.options).map(([name, option]) => [
        style.cyan(optionText(name, option)),
        option.summary + (option.multiple ? ' (may be repeated)' : ''),
      ]),
      style,
    ),
    ...(command.details === undefined ? [] : ['', ...command.details]),
    ...section(
      'Examples',
      (command.examples ?? []).map((example) => [asCalled(example)]),
      style,
    ),
  ];
};

const entryRows = (entries: Readonly<Record<string, Entry>>, style: Style): string[][] =>
  Object.entries(entries).map(([name, { summary }]) => [style.cyan(name), summary]);

/** Help of a group of commands. */
export const groupUsage = (group: Group, { style, asCalled }: Shown): string[] => [
  group.summary,
  '',
  `${style.bold('Usage')}  ${asCalled(`act ${group.name} COMMAND …`)}`,
  ...section('Commands', entryRows(group.entries, style), style),
  '',
  asCalled(`act ${group.name} COMMAND --help tells more about one of them.`),
];

/** The first page. */
export const mainUsage = (entries: Readonly<Record<string, Entry>>, { style, asCalled }: Shown): string[] => [
  'act: several coding agents, one project, nobody does a task twice.',
  '',
  `${style.bold('Usage')}  ${asCalled('act COMMAND …')}`,
  ...section('Commands', entryRows(entries, style), style),
  ...section(
    'Begin here',
    [
      ['act demo', 'see four agents work, and one of them die, in half a minute'],
      ['act up', 'start a hub of your own'],
      ['act plan import PLAN.yaml', 'give it work'],
      ['act work --agent ann -- ./agent.sh', 'let any program do the work'],
      ['act status --watch', 'watch'],
    ].map(([words = '', what = '']) => [asCalled(words), what]),
    style,
  ),
  ...section(
    'Where the hub is',
    [
      ['ACT_URL, --url', 'http://127.0.0.1:3000 unless given'],
      ['ACT_TOKEN_FILE, ACT_TOKEN, --token', 'else the admin key in the data directory'],
      ['ACT_PROJECT, --project', 'name or id; not needed while there is only one project'],
      ['ACT_DATA_DIR, --data-dir', 'the hub’s data directory'],
    ],
    style,
  ),
  '',
  asCalled(
    'Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 hub unreachable. act COMMAND --help tells more.',
  ),
];
