import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { Environment } from '../git/environment.ts';

const TAIL_CHARS_MAX = 3_000;

export interface Ran {
  readonly outcome: 'exited' | 'timed_out' | 'cancelled' | 'not_started';
  /** Exit code; absent when a signal ended it. */
  readonly code?: number;
  readonly signal?: string;
  /** The end of what it wrote to both its outputs, or why it could not be started. */
  readonly tail: string;
}

interface RunOptions {
  readonly directory: string;
  readonly env: Environment;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Ends the program with all that it started: it leads a group of processes of its own. */
const killAll = (child: ChildProcess): void => {
  if (child.pid === undefined) return;
  try {
    if (process.platform === 'win32') child.kill('SIGKILL');
    else process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    // All of them have ended by themselves; macOS says EPERM of those that nobody has asked about yet.
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
};

/** Runs a program with a limit on its time; nothing that it started outlives it. */
export const runLimited = (
  [program = '', ...args]: readonly string[],
  { directory, env, timeoutMs, signal }: RunOptions,
): Promise<Ran> =>
  new Promise((resolve) => {
    let tail = '';
    let stopped: 'timed_out' | 'cancelled' | undefined;
    const child = spawn(program, args, {
      cwd: directory,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
    const stop = (why: 'timed_out' | 'cancelled'): void => {
      stopped ??= why;
      killAll(child);
    };
    const timer = setTimeout(() => stop('timed_out'), timeoutMs);
    const onAbort = (): void => stop('cancelled');
    signal?.addEventListener('abort', onAbort);
    if (signal?.aborted) onAbort();
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        tail = (tail + text).slice(-TAIL_CHARS_MAX);
      });
    const end = (ran: Omit<Ran, 'tail'>, said = tail): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      resolve({ ...ran, tail: said });
    };
    child.on('error', (error) => end({ outcome: 'not_started' }, error.message));
    child.on('exit', () => killAll(child));
    child.on('close', (code, ended) =>
      end({
        outcome: stopped ?? 'exited',
        ...(code === null ? {} : { code }),
        ...(ended === null ? {} : { signal: ended }),
      }),
    );
  });
