import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { gitEnvironment, quietSettings } from './environment.ts';
import type { Environment } from './environment.ts';
import { GitFailed, reasonOf } from './failure.ts';
import { limitConcurrency } from './limit-concurrency.ts';

const PROCESSES_MAX = 4;
const TIMEOUT_MS = 60_000;
/** A list of 200,000 paths of 100 bytes has 20 MB; more than this is not a project for people. */
const OUTPUT_BYTES_MAX = 268_435_456;
const MESSAGE_CHARS_MAX = 2_000;

export interface GitCall {
  readonly directory: string;
  readonly input?: string | Buffer;
  /** Beside the environment of all calls. */
  readonly env?: Readonly<Record<string, string>>;
  /** Exit codes that are answers; 0 alone if absent. */
  readonly codes?: readonly number[];
  /** Called with each piece of output instead of collecting it. */
  readonly onOutput?: (piece: Buffer) => void;
  readonly signal?: AbortSignal | undefined;
}

export interface GitAnswer {
  readonly code: number;
  readonly stdout: Buffer;
}

/** Runs git with arguments. Throws GitFailed on any other exit, a time-out, or too much output. */
export type Git = (args: readonly string[], call: GitCall) => Promise<GitAnswer>;

export interface GitOptions {
  readonly env: Environment;
  readonly processesMax?: number;
  readonly timeoutMs?: number;
}

const failedStart = (error: NodeJS.ErrnoException): GitFailed =>
  error.code === 'ENOENT' && error.syscall?.startsWith('spawn')
    ? new GitFailed('git_missing', 'git is not installed, or the folder is gone')
    : new GitFailed('broken', error.message);

const collect = (
  child: ChildProcessWithoutNullStreams,
  args: readonly string[],
  { codes = [0], onOutput, signal }: GitCall,
  timeoutMs: number,
): Promise<GitAnswer> =>
  new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    let bytes = 0;
    let complaint = '';
    let stopped: GitFailed | undefined;
    const stop = (failure: GitFailed): void => {
      stopped ??= failure;
      child.kill('SIGKILL');
    };
    const onAbort = (): void => stop(new GitFailed('cancelled', 'cancelled'));
    const timer = setTimeout(
      () => stop(new GitFailed('timed_out', `git ${args[0]} took more than ${timeoutMs} ms`)),
      timeoutMs,
    );
    signal?.addEventListener('abort', onAbort);
    child.stdout.on('data', (piece: Buffer) => {
      if (onOutput) return onOutput(piece);
      bytes += piece.length;
      if (bytes > OUTPUT_BYTES_MAX) stop(new GitFailed('too_many_files', `git ${args[0]} says too much`));
      else pieces.push(piece);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint = (complaint + text).slice(-MESSAGE_CHARS_MAX);
    });
    child.on('error', (error) => reject(failedStart(error)));
    child.on('close', (code) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      if (stopped) reject(stopped);
      else if (code !== null && codes.includes(code)) resolve({ code, stdout: Buffer.concat(pieces) });
      else {
        const message = complaint.trim() || `git ${args[0]} ended with ${code}`;
        reject(new GitFailed(reasonOf(message), message));
      }
    });
  });

/** Git with a bound on processes at once and on the time of each. */
export const makeGit = ({ env, processesMax = PROCESSES_MAX, timeoutMs = TIMEOUT_MS }: GitOptions): Git => {
  const limit = limitConcurrency(processesMax);
  const common = gitEnvironment(env);
  return (args, call) =>
    limit(async () => {
      if (call.signal?.aborted) throw new GitFailed('cancelled', 'cancelled');
      const child = spawn('git', [...quietSettings, ...args], {
        cwd: call.directory,
        env: { ...common, ...call.env },
        stdio: 'pipe',
        windowsHide: true,
      });
      // It may end before it has read everything; its exit code tells what that means.
      child.stdin.on('error', () => {});
      child.stdin.end(call.input);
      return collect(child, args, call, timeoutMs);
    });
};

/** One line of output without its end. */
export const lineOf = ({ stdout }: GitAnswer): string => stdout.toString('utf8').replace(/\r?\n$/, '');

/**
 * Items ended by NUL. Paths are bytes, of any or no encoding: each character of such text is one byte, so that
 * they can be given back to git as they came.
 */
export const itemsOf = ({ stdout }: GitAnswer): string[] => {
  const items = stdout.toString('latin1').split('\0');
  items.pop();
  return items;
};

/** The bytes of paths from {@link itemsOf}, each ended by NUL. */
export const nulEnded = (items: readonly string[]): Buffer =>
  Buffer.from(items.map((item) => `${item}\0`).join(''), 'latin1');
