import { spawnSync } from 'node:child_process';
import { GIT_MS_MAX, OUTPUT_BYTES_MAX } from './git-limits.ts';

/** What git writes; undefined where it fails, is not there, or says too much for a hook to read. */
export const gitText = (cwd: string, words: readonly string[]): string | undefined => {
  const { status, stdout } = spawnSync(
    'git',
    ['--no-optional-locks', '-c', 'core.quotePath=false', ...words],
    {
      cwd,
      encoding: 'utf8',
      timeout: GIT_MS_MAX,
      maxBuffer: OUTPUT_BYTES_MAX,
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  return status === 0 ? stdout : undefined;
};
