import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { program } from './program.ts';

const ATTACH_MS_MAX = 20_000;

/** One call of the system that takes a name of a file. */
export interface FileCall {
  readonly call: string;
  readonly path: string;
}

/** `pid name(AT_FDCWD, "path", …) = …`: the call and every quoted name in it. */
const callsOf = (line: string): FileCall[] => {
  const call = /^\d+\s+(?:<\.\.\. )?(\w+)/.exec(line)?.[1] ?? 'unknown';
  return [...line.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, path = '']) => ({ call, path }));
};

/** Watches every thread of a process for calls that name a file, until the function it answers is called. Throws. */
export const traceFiles = async (
  pid: number,
  file: string,
  log: (line: string) => void,
): Promise<() => Promise<FileCall[]>> => {
  const strace = program('strace', log);
  const args = ['-f', '-qq', '-s', '4096', '-e', 'trace=%file', '-o', file, '-p', String(pid)];
  const tracer = spawn(strace, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const isTraced = (): boolean => /^TracerPid:\s+[1-9]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  for (const until = performance.now() + ATTACH_MS_MAX; !isTraced(); await sleep(50)) {
    if (tracer.exitCode !== null || performance.now() > until)
      throw new Error('strace cannot attach to the hub: run the row as root');
  }
  return async () => {
    tracer.kill('SIGINT');
    if (tracer.exitCode === null && tracer.signalCode === null) await once(tracer, 'exit');
    return existsSync(file) ? readFileSync(file, 'utf8').split('\n').flatMap(callsOf) : [];
  };
};
