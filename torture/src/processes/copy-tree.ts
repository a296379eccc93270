import { execFile } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readlinkSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const LISTING_BYTES_MAX = 16_777_216;
const SCOPE = '@agentmix';

/** Root of the working tree this program lies in. */
export const repositoryRoot = (): string => fileURLToPath(new URL('../../../', import.meta.url));

/**
 * Copies the working tree, tracked files and new ones, as they are now. Third-party packages are links to the
 * original's; our own are links into the copy, or a patch there would change nothing that runs.
 */
export const copyTree = async (target: string): Promise<void> => {
  const root = repositoryRoot();
  const listed = await run('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    maxBuffer: LISTING_BYTES_MAX,
  });
  for (const file of new Set(listed.stdout.split('\0').filter(Boolean))) {
    if (!existsSync(join(root, file))) continue;
    mkdirSync(dirname(join(target, file)), { recursive: true });
    copyFileSync(join(root, file), join(target, file));
  }
  const modules = join(target, 'node_modules');
  mkdirSync(join(modules, SCOPE), { recursive: true });
  for (const name of readdirSync(join(root, 'node_modules')))
    if (name !== SCOPE) symlinkSync(join(root, 'node_modules', name), join(modules, name));
  for (const name of readdirSync(join(root, 'node_modules', SCOPE))) {
    // Relative links of npm's workspaces: they mean the same place in the copy.
    symlinkSync(readlinkSync(join(root, 'node_modules', SCOPE, name)), join(modules, SCOPE, name));
  }
};
