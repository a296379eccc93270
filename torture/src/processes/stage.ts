import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const STOP_MS_MAX = 30_000;
const MESSAGE_MS_MAX = 60_000;

/** Another program of this folder, in a process of its own. */
export interface Actor {
  readonly process: ChildProcess;
  readonly pid: number;
  /** The next message of this kind; rejects when the process ends first. */
  message<T extends { readonly kind: string }>(kind: T['kind']): Promise<T>;
  send(message: unknown): void;
  signal(signal: NodeJS.Signals): void;
  readonly exited: Promise<void>;
}

const actorOf = (child: ChildProcess, name: string): Actor => {
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const received: { kind: string }[] = [];
  child.on('message', (message) => received.push(message as { kind: string }));
  // A process that was just killed cannot take what is sent to it; that is no failure of ours.
  child.on('error', () => undefined);
  return {
    process: child,
    pid: child.pid ?? 0,
    exited,
    async message<T extends { readonly kind: string }>(kind: T['kind']): Promise<T> {
      const until = AbortSignal.timeout(MESSAGE_MS_MAX);
      for (;;) {
        const at = received.findIndex((one) => one.kind === kind);
        // The programs of this folder send what the callers expect; both sides are written together.
        if (at >= 0) return received.splice(at, 1)[0] as T;
        const ended = exited.then(() => 'ended' as const);
        const first = await Promise.race([once(child, 'message', { signal: until }), ended]);
        if (first === 'ended' && !received.some((one) => one.kind === kind))
          throw new Error(`${name} (pid ${child.pid}) ended without saying ${kind}`);
      }
    },
    send: (message) => {
      if (child.connected) child.send(message as object, () => undefined);
    },
    signal: (signal) => {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    },
  };
};

export interface ProgramOptions {
  /** Beside the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Where its stdout goes; else nowhere. */
  readonly stdoutFile?: string;
  /** The network namespace that it runs in; else that of this process. */
  readonly namespace?: string;
}

/** Owns what a run starts: processes and a temporary directory. Everything is gone when it is closed. */
export class Stage {
  readonly dir: string;
  readonly #keep: boolean;
  readonly #actors = new Set<Actor>();
  readonly #closers: (() => Promise<void>)[] = [];
  #closing: Promise<void> | undefined;

  constructor(keep: boolean) {
    this.#keep = keep;
    this.dir = mkdtempSync(join(tmpdir(), 'act-torture-'));
    // As root the database runs as another user, who has to pass through.
    chmodSync(this.dir, 0o711);
  }

  /** Starts a program, of this folder or named by its whole path, with the loader and conditions of this process. */
  start(name: string, args: readonly string[] = [], options: ProgramOptions = {}): Actor {
    const { env = {}, stdoutFile, namespace } = options;
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    const stdout = stdoutFile === undefined ? 'ignore' : openSync(stdoutFile, 'a', 0o600);
    const child = fork(new URL(`${name}.${extension}`, import.meta.url), [...args], {
      stdio: ['ignore', stdout, 'inherit', 'ipc'],
      env: { ...process.env, ...env },
      ...(namespace === undefined
        ? {}
        : { execPath: 'ip', execArgv: ['netns', 'exec', namespace, process.execPath, ...process.execArgv] }),
    });
    if (typeof stdout === 'number') closeSync(stdout);
    const actor = actorOf(child, name);
    this.#actors.add(actor);
    void actor.exited.then(() => this.#actors.delete(actor));
    return actor;
  }

  /** To be run at the end, last first, before the processes that are left are killed. */
  onClose(close: () => Promise<void>): void {
    this.#closers.push(close);
  }

  /** The same promise for every caller: an interrupted row closes it too. */
  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    for (const close of this.#closers.splice(0).reverse()) {
      const limit = new Promise<void>((resolve) => setTimeout(resolve, STOP_MS_MAX).unref());
      await Promise.race([close().catch(() => undefined), limit]);
    }
    const left = [...this.#actors];
    for (const actor of left) actor.signal('SIGKILL');
    await Promise.all(left.map((actor) => actor.exited));
    if (!this.#keep) rmSync(this.dir, { recursive: true, force: true });
  }
}
