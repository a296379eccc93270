import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { Failure } from '../cli/failure.ts';
import type { Guard } from './guard.ts';
import { makeLineReader } from './lines.ts';

/** How long a program may take to end after it was asked to. */
export const KILL_AFTER_MS = 5_000;

export interface ProgramOptions {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly input: string;
  readonly guard: Guard;
  /** Ends the program: SIGTERM to its process group, SIGKILL after 5 s. */
  readonly signal: AbortSignal;
  readonly onStdout: (line: string) => void;
  readonly onStderr: (line: string) => void;
}

export interface ProgramEnd {
  /** Absent when a signal ended it. */
  readonly exitCode?: number;
  readonly signalName?: string;
}

const killGroup = (child: ChildProcess, name: NodeJS.Signals): void => {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, name);
  } catch {
    // The group is gone already, or this system has no groups.
    child.kill(name);
  }
};

const cannotStart = (command: string, error: NodeJS.ErrnoException): Failure =>
  new Failure(
    error.code === 'ENOENT'
      ? `there is no program ${command}`
      : `${command} cannot be started: ${error.message}`,
    { code: 'command_unstartable', hint: 'what follows -- is the program and its arguments' },
  );

/**
 * Runs a program in a process group of its own with its input, until it and its output have ended. Rejects with a Failure
 * when it cannot be started at all. What it left running in its group is ended with it.
 */
export const runProgram = (options: ProgramOptions): Promise<ProgramEnd> =>
  new Promise((resolve, reject) => {
    const [command = '', ...args] = options.command;
    const { guard, signal } = options;
    const child = spawn(command, args, {
      detached: process.platform !== 'win32',
      env: { ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    guard.watch(child.pid);
    let force: NodeJS.Timeout | undefined;
    const stop = (): void => {
      killGroup(child, 'SIGTERM');
      force = setTimeout(() => killGroup(child, 'SIGKILL'), KILL_AFTER_MS);
    };
    const done = (): void => {
      clearTimeout(force);
      signal.removeEventListener('abort', stop);
      guard.watch(undefined);
    };
    child.once('error', (error) => {
      done();
      reject(cannotStart(command, error));
    });
    // A program need not read its input.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input);
    const out = makeLineReader(options.onStdout);
    const err = makeLineReader(options.onStderr);
    child.stdout.on('data', (piece: Buffer) => out.write(piece));
    child.stderr.on('data', (piece: Buffer) => err.write(piece));
    // What it started and left behind, even outside its group, may hold its output open for ever.
    child.once('exit', () => {
      killGroup(child, 'SIGTERM');
      clearTimeout(force);
      force = setTimeout(() => {
        killGroup(child, 'SIGKILL');
        child.stdout.destroy();
        child.stderr.destroy();
      }, KILL_AFTER_MS);
    });
    child.once('close', (exitCode, signalName) => {
      done();
      out.end();
      err.end();
      resolve({
        ...(exitCode === null ? {} : { exitCode }),
        ...(signalName === null ? {} : { signalName }),
      });
    });
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
