import { Stage } from './processes/stage.ts';
import { rows } from './rows/index.ts';
import type { Row } from './row.ts';

interface Arguments {
  readonly row: Row;
  readonly sizes: Readonly<Record<string, number>>;
  readonly json: boolean;
  readonly keep: boolean;
}

const usage = (): string =>
  [
    'npm run torture -- ROW [--short] [--json] [--keep] [--SIZE NUMBER …]',
    '',
    ...rows.map(({ name, summary, sizes }) => {
      const listed = Object.entries(sizes).map(([size, [full, short]]) => `--${size} ${full} (${short})`);
      return `${name.padEnd(12)} ${summary}\n             ${listed.join(' ')}`;
    }),
    '',
    'In brackets: what --short takes.',
  ].join('\n');

/** Throws with one line when an argument is not understood. */
const parse = (argv: readonly string[]): Arguments | undefined => {
  const [name, ...rest] = argv;
  const row = rows.find((one) => one.name.toLowerCase() === name?.toLowerCase());
  if (!row) return undefined;
  const switches = new Set(rest.filter((word) => ['--short', '--json', '--keep', '--full'].includes(word)));
  const sizes: Record<string, number> = {};
  for (const [size, [full, short]] of Object.entries(row.sizes))
    sizes[size] = switches.has('--short') ? short : full;
  for (let at = 0; at < rest.length; at++) {
    const word = rest[at] ?? '';
    if (switches.has(word)) continue;
    const size = word.replace(/^--/, '');
    const value = Number(rest[++at]);
    if (!(size in sizes) || !Number.isFinite(value)) throw new Error(`${row.name} does not take ${word}`);
    sizes[size] = value;
  }
  return { row, sizes, json: switches.has('--json'), keep: switches.has('--keep') };
};

const run = async ({ row, sizes, json, keep }: Arguments): Promise<boolean> => {
  const stage = new Stage(keep);
  const started = performance.now();
  const seconds = (): number => Math.round((performance.now() - started) / 100) / 10;
  const log = (line: string): void => {
    process.stderr.write(`${row.name} ${seconds().toFixed(1).padStart(6)} s  ${line}\n`);
  };
  // Whoever interrupts a run leaves no process behind.
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void stage.close().finally(() => process.exit(130)));
  try {
    const figures = await row.run({ sizes, stage, log });
    const report = { row: row.name, ...figures, seconds: seconds() };
    if (!json) for (const [name, value] of Object.entries(report)) log(`${name}: ${JSON.stringify(value)}`);
    else process.stdout.write(`${JSON.stringify(report)}\n`);
    return figures.passed;
  } finally {
    if (keep) log(`kept ${stage.dir}`);
    await stage.close();
  }
};

try {
  const given = parse(process.argv.slice(2));
  if (!given) process.stdout.write(`${usage()}\n`);
  process.exit(given ? ((await run(given)) ? 0 : 1) : 2);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
}
