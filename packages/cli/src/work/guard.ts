import { spawn } from 'node:child_process';

/**
 * A shell that outlives us by design: it reads the process group of the running program from a pipe, the last line counts,
 * an empty one means none. However we end, be it by SIGKILL, the kernel closes the pipe, and what still runs is ended: asked
 * to, and after 5 s forced. `kill -s` is the form that dash, bash and busybox share, and all
 * of Linux, macOS and busybox know `sleep 0.1`.
 */
const SCRIPT = `
group=
while read -r line; do group=$line; done
[ -n "$group" ] || exit 0
kill -s TERM -- "-$group" 2>/dev/null || exit 0
i=0
while [ $i -lt 50 ] && kill -s 0 -- "-$group" 2>/dev/null; do sleep 0.1; i=$((i+1)); done
kill -s KILL -- "-$group" 2>/dev/null
exit 0
`;

export interface Guard {
  /** Ends this process group when we are gone; undefined: nothing is running. */
  watch(group: number | undefined): void;
  close(): void;
}

/** Starts the guard in a session of its own, where no Ctrl-C reaches it. Without a POSIX shell there is none. */
export const startGuard = (onMissing: (reason: string) => void): Guard => {
  if (process.platform === 'win32') {
    onMissing('not on Windows');
    return { watch: () => undefined, close: () => undefined };
  }
  const shell = spawn('/bin/sh', ['-c', SCRIPT], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  shell.on('error', (error) => onMissing(error.message));
  shell.stdin.on('error', () => undefined);
  shell.unref();
  return {
    watch(group) {
      shell.stdin.write(`${group ?? ''}\n`);
    },
    close() {
      shell.stdin.end('\n');
    },
  };
};
