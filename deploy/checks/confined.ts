import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Confinement } from '@agentmix/act-testing/engines';

/**
 * Enters the groups, makes the whole file system read-only but for a fresh /tmp and a volume, and goes on as the
 * image's user without any capability and without a way to get one.
 */
const CONFINE = `set -e
for file in $PROCS_FILES; do echo $$ > "$file"; done
mount --make-rprivate /
mount -o remount,bind,ro /
mount -t tmpfs -o mode=1777 tmpfs /tmp
if [ -n "$VOLUME" ]; then mount --bind "$VOLUME" "$VOLUME"; mount -o remount,bind,rw "$VOLUME"; fi
unset PROCS_FILES VOLUME
exec setpriv --reuid 10001 --regid 10001 --clear-groups --no-new-privs --bounding-set=-all -- "$@"`;

export interface Running {
  readonly pid: number;
  readonly output: () => string;
  readonly ended: Promise<number | null>;
  readonly kill: (signal: NodeJS.Signals) => void;
}

/** Starts a command as a container would; its environment is the given one alone, and it may write to `volume`. */
export const startConfined = (
  [program = '', ...args]: readonly string[],
  env: Readonly<Record<string, string>>,
  { confinement, volume = '' }: { readonly confinement?: Confinement; readonly volume?: string } = {},
): Running => {
  const child = spawn('unshare', ['--mount', 'sh', '-c', CONFINE, 'sh', program, ...args], {
    cwd: '/',
    env: {
      PATH: process.env['PATH'] ?? '',
      ...env,
      PROCS_FILES: (confinement?.procsFiles ?? []).join(' '),
      VOLUME: volume,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  return {
    // Each step replaces the one before it, so that this is the program's own number.
    pid: child.pid ?? 0,
    output: () => output,
    ended: once(child, 'close').then(([code]) => code as number | null),
    kill: (signal) => child.kill(signal),
  };
};
