// What every other script needs first: the packages that the lock file names, and compiled sources. Plain JavaScript
// without dependencies, because on a fresh clone there is nothing else yet.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));
const installedStamp = join(root, 'node_modules', '.act-installed');
const builtStamp = join(root, 'node_modules', '.act-built');

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`ACT Hub needs Node 20.19 or later; this is ${process.version}.`);
  process.exit(1);
}

const readOr = (file, fallback) => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return fallback;
  }
};

/** Runs a program of the project to its end; its failure ends this process. */
export const run = (command, args, options = {}) => {
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
  if (result.error) throw result.error;
  if (result.status !== 0) process.exit(result.status ?? 1);
};

/** Installs when node_modules does not match the lock file. */
export const install = () => {
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (readOr(installedStamp, '') === wanted) return;
  console.error('Installing packages (once; about a minute) …');
  // npm's own words go to stderr: a caller of --json reads stdout.
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { stdio: ['ignore', 2, 'inherit'] });
  writeFileSync(installedStamp, wanted);
};

/** The time of the newest source, in milliseconds. */
const newestSource = () => {
  let newest = 0;
  const visit = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.name === 'node_modules' || entry.name === 'dist') continue;
      const path = join(folder, entry.name);
      if (entry.isDirectory()) visit(path);
      else if (/\.(ts|json)$/.test(entry.name)) newest = Math.max(newest, statSync(path).mtimeMs);
    }
  };
  for (const folder of ['packages', 'bench', 'torture']) visit(join(root, folder));
  return Math.max(newest, statSync(join(root, 'tsconfig.base.json')).mtimeMs);
};

/** Compiles when a source is newer than the last build. */
export const build = () => {
  if (Number(readOr(builtStamp, '0')) >= newestSource()) return;
  const newest = newestSource();
  run(process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-b'], {
    stdio: ['ignore', 2, 'inherit'],
  });
  for (const script of ['bundle-hook.mjs', 'bundle-act.mjs'])
    run(process.execPath, [join(root, 'scripts', script)], { stdio: ['ignore', 2, 'inherit'] });
  mkdirSync(join(root, 'node_modules'), { recursive: true });
  writeFileSync(builtStamp, String(newest));
};

export const prepare = () => {
  install();
  build();
};
