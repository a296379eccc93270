import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode, errorLine } from './errors.ts';
import { isSameProcess, processStart } from './process-identity.ts';
import type { Command } from './run-command.ts';

const WATCH_MS = 250;
const STOP_POLL_MS = 10;
const LOG_TAIL_BYTES = 16 * 1024;
const LOG_TAIL_LINES = 12;
/** A fast shutdown writes at most shared_buffers (64 MB) and a checkpoint. */
const STOP_STEPS = [
  { signal: 'SIGINT', waitMs: 15_000, name: 'fast' },
  { signal: 'SIGQUIT', waitMs: 5_000, name: 'immediate' },
  { signal: 'SIGKILL', waitMs: 5_000, name: 'kill' },
] as const;

export type StopMode = (typeof STOP_STEPS)[number]['name'];

/** Lines of the server's log from an offset on, the last dozen, on one line. */
export function logTail(path: string, offset: number): string {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return 'no log';
  }
  try {
    const start = Math.max(offset, fstatSync(file).size - LOG_TAIL_BYTES);
    const buffer = Buffer.alloc(LOG_TAIL_BYTES);
    const text = buffer.toString('utf8', 0, readSync(file, buffer, 0, LOG_TAIL_BYTES, start));
    return text.trim().split('\n').slice(-LOG_TAIL_LINES).join(' | ') || 'no log lines';
  } finally {
    closeSync(file);
  }
}

/** A running server process, started by this process or by a dead hub, watched until it ends. */
export class Postmaster {
  readonly pid: number;
  readonly #start: number | undefined;
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #listeners: ((reason: string) => void)[] = [];
  #ended: string | undefined;
  #stopping: Promise<StopMode | undefined> | undefined;

  constructor(pid: number, child?: ChildProcess) {
    this.pid = pid;
    this.#start = processStart(pid);
    if (child === undefined) {
      // Not a child of this process: nobody reports its end.
      this.#timer = setInterval(() => this.#look(), WATCH_MS).unref();
    } else {
      child.once('exit', (code, signal) => this.#end(signal === null ? `code ${code}` : `signal ${signal}`));
    }
  }

  /** How the process ended, undefined while it runs. */
  get ended(): string | undefined {
    this.#look();
    return this.#ended;
  }

  /** Tells of an end that `stop` did not bring about; at once if it has happened already. */
  onExit(listener: (reason: string) => void): void {
    if (this.#stopping !== undefined) return;
    if (this.#ended === undefined) this.#listeners.push(listener);
    else listener(this.#ended);
  }

  /**
   * Shuts down: fast (sessions are ended, a checkpoint is written), then immediate, then by kill, each bounded;
   * 25 s in all. Only the first leaves nothing to recover, all keep what was committed.
   * @returns what it took, undefined if the server was dead already
   */
  stop(): Promise<StopMode | undefined> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<StopMode | undefined> {
    for (const step of STOP_STEPS) {
      if (this.ended !== undefined) return undefined;
      this.#signal(step.signal);
      const deadlineMs = performance.now() + step.waitMs;
      while (performance.now() < deadlineMs) {
        if (this.ended !== undefined) return step.name;
        await sleep(STOP_POLL_MS);
      }
    }
    throw new Error(`postgres (pid ${this.pid}) does not end`);
  }

  #signal(signal: NodeJS.Signals): void {
    try {
      process.kill(this.pid, signal);
      // A suspended server obeys only once it is resumed.
      process.kill(this.pid, 'SIGCONT');
    } catch (error) {
      if (errorCode(error) !== 'ESRCH') throw error;
    }
  }

  #look(): void {
    if (this.#ended === undefined && !isSameProcess(this.pid, this.#start)) {
      this.#end('unknown status');
    }
  }

  #end(how: string): void {
    if (this.#ended !== undefined) return;
    this.#ended = `postgres (pid ${this.pid}) ended with ${how}`;
    clearInterval(this.#timer);
    if (this.#stopping !== undefined) return;
    for (const listener of this.#listeners) listener(this.#ended);
  }
}

/**
 * Starts the server as the leader of a session of its own, so that the terminal's Ctrl-C reaches the hub alone.
 * Its stderr is the log file itself: a pipe would break with the hub, and the next hub adopts the server.
 * @returns when the process exists, not when it answers
 */
export function spawnPostmaster(command: Command, logFile: string): Promise<Postmaster> {
  const { file, args, env, uid, gid } = command;
  const ids = uid === undefined || gid === undefined ? {} : { uid, gid };
  const log = openSync(logFile, 'a', 0o600);
  try {
    const child = spawn(file, args, { cwd: '/', env, detached: true, stdio: ['ignore', log, log], ...ids });
    child.unref();
    return new Promise((resolve, reject) => {
      child.once('error', (error) => reject(new Error(`cannot start ${file}: ${errorLine(error)}`)));
      const { pid } = child;
      if (pid !== undefined) resolve(new Postmaster(pid, child));
    });
  } finally {
    closeSync(log);
  }
}
