// The suites of the project as steps: a name, a command, and what it says of tests passed and failed.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { hasAgentClients } from './agent-clients.mjs';
import { hasDeployTools } from './deploy-tools.mjs';
import { root } from './prepare.mjs';

const bin = (name) => join(root, 'node_modules', '.bin', name);
const node = (...args) => [process.execPath, args];

export const staticSteps = [
  { name: 'generated files are up to date', command: node('scripts/generate.mjs', '--check') },
  { name: 'types, tests included', command: [bin('tsc'), ['-p', 'tsconfig.test.json']] },
  { name: 'lint', command: [bin('oxlint'), ['--type-aware', '--deny-warnings']] },
  { name: 'format', command: [bin('oxfmt'), ['--check', '.']] },
  { name: 'architecture', command: node('scripts/tidy.mjs') },
  { name: 'ASVS table', command: node('scripts/asvs.mjs') },
];

/** One vitest project; its JSON report tells how many tests passed. */
export const vitest = (project) => ({
  name: `${project} tests`,
  command: [
    bin('vitest'),
    [
      'run',
      '--project',
      project,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=node_modules/.act-test-${project}.json`,
    ],
  ],
  report: `node_modules/.act-test-${project}.json`,
});

/** Tests with the real clients of vendors, where those are installed. */
export const clientTests = () => ({
  ...vitest('clients'),
  needs: hasAgentClients() ? undefined : 'the real clients (node scripts/agent-clients.mjs)',
});

/** What containers and clusters get, where the checkers of it are installed. */
export const deployTests = () => ({
  ...vitest('deploy'),
  needs: hasDeployTools() ? undefined : 'the checkers of the deployment (node scripts/deploy-tools.mjs)',
});

/** One torture row in its short form, or in a shorter one. */
export const torture = (row, ...flags) => ({
  name: `torture ${[row, ...flags.filter((flag) => flag !== '--short')].join(' ')}`,
  command: node('torture/dist/main.js', row, '--json', ...flags),
});

const isInPath = (name) =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, name)));

/** Debian packages that do not have the name of their program. */
const DEBIAN_PACKAGES = { go: 'golang-go', nft: 'nftables' };

/** A row that uses a program of the system. As root it installs the Debian package of it where it is missing. */
export const tortureWith = (program, row, ...flags) => ({
  ...torture(row, ...flags),
  needs:
    isInPath(program) || (process.getuid?.() === 0 && isInPath('apt-get'))
      ? undefined
      : `${program} (apt-get install ${DEBIAN_PACKAGES[program] ?? program})`,
});

/** A row with a real broker: `libs` is where Kafka is, undefined where it or Java is missing. */
export const tortureWithKafka = (libs, row, ...flags) => ({
  ...torture(row, ...flags),
  needs: libs === undefined ? 'Java and Kafka (npm run engines, as root on Debian)' : undefined,
});

/** A row over three hubs on one database, in its short form and with these sizes. */
export const tortureOfThreeHubs = (row, sizes = {}) =>
  torture(
    row,
    '--short',
    ...Object.entries({ hubs: 3, ...sizes }).flatMap(([name, size]) => [`--${name}`, String(size)]),
  );

/** A row that makes networks of its own. */
export const tortureInNetworks = (row, ...flags) => ({
  ...tortureWith('nft', row, ...flags),
  ...(spawnSync('unshare', ['--net', 'true']).status === 0 ? {} : { needs: 'root, and network namespaces' }),
});

/** A row that gives its hub the limits of a container. */
export const tortureConfined = (canConfine, row, ...flags) => ({
  ...torture(row, ...flags),
  ...(canConfine ? {} : { needs: 'root, and control groups of version 1' }),
});

/** Data that tests use where it is there; absent it is told, and with ACT_TEST_ALL=1 it is a failure only for what the project ships. */
export const dataFolder = process.env.ACT_DATA ?? join(root, '..', 'shared', 'data');
export const assignmentBench = () => ({
  name: 'assignment bounds',
  command: node(
    'bench/dist/main.js',
    'assignment',
    '--data',
    join(dataFolder, 'scheduling', 'MSRCPSP'),
    '--assert',
    '--json',
  ),
  needs: existsSync(join(dataFolder, 'scheduling', 'MSRCPSP'))
    ? undefined
    : `${dataFolder}/scheduling (set ACT_DATA)`,
});

/** Decisions that look at much, within their bounds: seconds of work, far from the bounds on any machine. */
export const decisionsBench = {
  name: 'decision bounds',
  command: node('bench/dist/main.js', 'decisions', '--assert', '--json'),
};

/** The bugs that `npm run torture -- seeded-bugs` puts in, ten minutes of work, still fit the code they break. */
export const seededBugsApply = {
  name: 'seeded bugs still apply',
  command: [
    'git',
    [
      'apply',
      '--check',
      ...readdirSync(join(root, 'torture', 'seeded-bugs')).map((name) => `torture/seeded-bugs/${name}`),
    ],
  ],
};
