import { spawn } from 'node:child_process';
import { errorLine } from './errors.ts';

const OUTPUT_BYTES_MAX = 256 * 1024;

/** A program to start, with the user it runs as (absent: as this process). */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly uid?: number;
  readonly gid?: number;
}

export interface CommandResult {
  readonly ok: boolean;
  readonly stdout: string;
  /** stderr, or what went wrong if the program could not be started, was killed or was too slow */
  readonly failure: string;
}

/** Runs a program to its end. Never throws: a program that cannot be started is a result too. */
export function runCommand(command: Command, timeoutMs: number): Promise<CommandResult> {
  const { file, args, env, uid, gid } = command;
  const ids = uid === undefined || gid === undefined ? {} : { uid, gid };
  return new Promise((resolve) => {
    let stdout = '';
    let stderr = '';
    const fail = (failure: string): void => resolve({ ok: false, stdout, failure });
    let child;
    try {
      // cwd: the other user may have no right to be where this process is.
      child = spawn(file, args, {
        cwd: '/',
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: timeoutMs,
        killSignal: 'SIGKILL',
        ...ids,
      });
    } catch (error) {
      fail(errorLine(error));
      return;
    }
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout = (stdout + text).slice(-OUTPUT_BYTES_MAX);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-OUTPUT_BYTES_MAX);
    });
    child.on('error', (error) => fail(errorLine(error)));
    child.on('close', (code, signal) => {
      if (code === 0) resolve({ ok: true, stdout, failure: '' });
      else fail(stderr.trim() || stdout.trim() || `${file} ended with ${signal ?? `code ${code}`}`);
    });
  });
}
