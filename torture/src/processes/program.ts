import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const APT_MS_MAX = 300_000;

/** Where a program lies; undefined when it is not installed. */
const find = (name: string): string | undefined =>
  (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((file) => existsSync(file));

const apt = (...args: string[]): void => {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  spawnSync('apt-get', args, { env, timeout: APT_MS_MAX, stdio: ['ignore', 'ignore', 'inherit'] });
};

/**
 * The path of a program, installed from its Debian package, of the same name unless told, where it is missing and we
 * may. Throws.
 */
export const program = (name: string, log: (line: string) => void, debian = name): string => {
  const found = find(name);
  if (found !== undefined) return found;
  if (process.getuid?.() === 0 && find('apt-get') !== undefined) {
    log(`installing ${debian}`);
    apt('update', '-qq');
    apt('install', '-y', '-qq', '--no-install-recommends', debian);
  }
  const installed = find(name);
  if (installed === undefined)
    throw new Error(`this row needs ${name}; install it: apt-get install ${debian}`);
  return installed;
};
