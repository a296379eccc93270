import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const START_MS_MAX = 60_000;

/** A server in a process of its own, to be broken at will: it comes back on the same port with the same data. */
export interface Engine {
  readonly port: number;
  /** Of the process that was started last. */
  readonly pid: number;
  /** Starts it again; resolves when its port takes connections. */
  start(): Promise<void>;
  /** Ends it at once, as if the power had gone. */
  kill(): Promise<void>;
  signal(signal: NodeJS.Signals): void;
  /** Ends it for good and removes its data. */
  stop(): Promise<void>;
}

export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly port: number;
  readonly logFile: string;
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const settle = (isOpen: boolean): void => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });

const launch = ({ command, args, cwd, logFile }: Program): ChildProcess => {
  const output = openSync(logFile, 'a');
  const child = spawn(command, args, { cwd, stdio: ['ignore', output, output] });
  closeSync(output);
  // Who starts an engine and ends without stopping it must not leave it behind.
  const end = (): void => void child.kill('SIGKILL');
  process.once('exit', end);
  child.once('exit', () => process.off('exit', end));
  child.once('error', () => undefined);
  return child;
};

/** Starts a program; `dispose` removes what it leaves. Rejects when it ends before its port takes connections. */
export const startEngine = async (program: Program, dispose: () => Promise<void>): Promise<Engine> => {
  let child: ChildProcess;
  const isRunning = (): boolean =>
    child.pid !== undefined && child.exitCode === null && child.signalCode === null;
  const start = async (): Promise<void> => {
    child = launch(program);
    const until = performance.now() + START_MS_MAX;
    while (!(await answers(program.port))) {
      if (!isRunning() || performance.now() > until)
        throw new Error(`${program.command} did not start: see ${program.logFile}`);
      await sleep(50);
    }
  };
  const kill = async (): Promise<void> => {
    if (!isRunning()) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  };
  await start();
  return {
    port: program.port,
    get pid() {
      return child.pid ?? 0;
    },
    start,
    kill,
    signal: (signal) => void child.kill(signal),
    stop: async () => {
      await kill();
      await dispose();
    },
  };
};
