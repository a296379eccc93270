import { spawnSync } from 'node:child_process';

/** Hooks have to end before their client loses patience: what git has not said by then is not known. */
const GIT_MS_MAX = 1_000;
const OUTPUT_BYTES_MAX = 16_777_216;

/**
 * What git writes; undefined where it fails, is not there, or says too much for a hook to read. It is waited for: pipes
 * that hold nothing up cost more than git takes.
 */
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
