import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { copyTree, repositoryRoot } from '../processes/copy-tree.ts';
import { defineRow } from '../row.ts';
import type { RowContext } from '../row.ts';

type Names = 'only' | 'timeout-ms';
type Context = RowContext<Names>;
type Report = Readonly<Record<string, unknown>>;

/** A patch with a known defect, and in its head which row has to find it, with which arguments, in which field. */
interface Bug {
  readonly name: string;
  readonly file: string;
  readonly row: string;
  readonly field: string;
  readonly args: readonly string[];
}

const patchDir = (): string => join(repositoryRoot(), 'torture', 'seeded-bugs');

const readBug = (name: string): Bug => {
  const file = join(patchDir(), name);
  const head = readFileSync(file, 'utf8');
  const value = (key: string): string => {
    const found = new RegExp(`^${key}: *(.*)$`, 'm').exec(head)?.[1];
    if (found === undefined) throw new Error(`${name} does not say its ${key}`);
    return found.trim();
  };
  const args = value('Arguments').split(/\s+/).filter(Boolean);
  return { name: name.replace(/\.patch$/, ''), file, row: value('Row'), field: value('Field'), args };
};

/** Runs a row on the sources of a tree; its report is the last line it prints, whether it passed or not. */
const runRow = async ({ sizes }: Context, tree: string, bug: Bug): Promise<Report> => {
  const main = join(tree, 'torture', 'src', 'main.ts');
  const args = ['--conditions=@act/source', '--import', 'tsx', main, bug.row, ...bug.args, '--json'];
  const options = { cwd: tree, timeout: sizes['timeout-ms'], env: { ...process.env, NODE_OPTIONS: '' } };
  const ended = await promisify(execFile)(process.execPath, args, options).catch(
    // A row that did not pass ends with 1 and has reported all the same.
    (error: { stdout?: string; stderr?: string }) => ({
      stdout: error.stdout ?? '',
      stderr: error.stderr ?? '',
    }),
  );
  const last = ended.stdout.trim().split('\n').at(-1) ?? '';
  if (!last.startsWith('{'))
    return { passed: false, error: `no report: ${ended.stderr.trim().split('\n').slice(-3).join(' | ')}` };
  return JSON.parse(last) as Report;
};

/** The row passes without the patch, and does not with it, in the field that the patch names. */
const judge = (bug: Bug, sound: Report, seeded: Report) => ({
  name: bug.name,
  row: bug.row,
  field: bug.field,
  caught: sound['passed'] === true && seeded['passed'] === false && seeded[bug.field] !== sound[bug.field],
  soundPassed: sound['passed'],
  soundValue: sound[bug.field],
  seededValue: seeded[bug.field],
  ...('error' in sound ? { soundError: sound['error'] } : {}),
  ...('error' in seeded ? { seededError: seeded['error'] } : {}),
});

export const seededBugs = defineRow<Names>({
  name: 'seeded-bugs',
  summary: 'the suite itself: known defects, put into a copy of the tree one at a time, have to be found',
  sizes: { only: [0, 0], 'timeout-ms': [300_000, 300_000] },
  run: async (context) => {
    const { stage, sizes, log } = context;
    const tree = join(stage.dir, 'tree');
    mkdirSync(tree);
    await copyTree(tree);
    const patches = readdirSync(patchDir())
      .filter((name) => name.endsWith('.patch'))
      .sort();
    const bugs = patches
      .filter((name) => sizes.only === 0 || Number.parseInt(name, 10) === sizes.only)
      .map(readBug);
    const git = (...args: string[]) => promisify(execFile)('git', ['apply', ...args], { cwd: tree });
    const soundRuns = new Map<string, Report>();
    const judged: ReturnType<typeof judge>[] = [];
    for (const bug of bugs) {
      const key = [bug.row, ...bug.args].join(' ');
      const sound = soundRuns.get(key) ?? (await runRow(context, tree, bug));
      soundRuns.set(key, sound);
      log(`${key}, sound: ${JSON.stringify(sound)}`);
      await git(bug.file);
      const seeded = await runRow(context, tree, bug);
      await git('--reverse', bug.file);
      log(`${key}, ${bug.name}: ${JSON.stringify(seeded)}`);
      judged.push(judge(bug, sound, seeded));
    }
    const caught = judged.filter((one) => one.caught).length;
    return { bugs: judged, caught, total: judged.length, passed: caught === judged.length && caught > 0 };
  },
});
