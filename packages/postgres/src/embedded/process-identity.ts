import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { errorCode } from './errors.ts';

const PS_TIMEOUT_MS = 5_000;

function readOrUndefined(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function ps(pid: number, column: string): string | undefined {
  try {
    const env = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };
    const stdio: ['ignore', 'pipe', 'ignore'] = ['ignore', 'pipe', 'ignore'];
    const args = ['-ww', '-o', `${column}=`, '-p', String(pid)];
    return (
      execFileSync('ps', args, { env, stdio, timeout: PS_TIMEOUT_MS, encoding: 'utf8' }).trim() || undefined
    );
  } catch {
    return undefined;
  }
}

/** The fields of /proc/<pid>/stat from number 3 (state) on; the name in field 2 may contain spaces and brackets. */
function statFields(pid: number): string[] | undefined {
  const stat = readOrUndefined(`/proc/${pid}/stat`);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/**
 * A number that two processes which had the same pid at different times do not share: the start in clock ticks
 * since boot (Linux), or in seconds since 1970 (elsewhere). Undefined where the system does not tell.
 */
export function processStart(pid: number): number | undefined {
  if (process.platform === 'linux') {
    const ticks = statFields(pid)?.[19];
    return ticks === undefined ? undefined : Number(ticks);
  }
  const started = ps(pid, 'lstart');
  const ms = started === undefined ? Number.NaN : Date.parse(`${started} UTC`);
  return Number.isNaN(ms) ? undefined : ms / 1_000;
}

/** Names this boot of the machine, because ticks since boot mean nothing after the next one. */
export function bootId(): string | undefined {
  return readOrUndefined('/proc/sys/kernel/random/boot_id')?.trim();
}

/** Whether the pid names a running process. A zombie is dead: nobody may be there to reap an orphan. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
  return process.platform !== 'linux' || statFields(pid)?.[0] !== 'Z';
}

/** The command line, arguments joined by spaces. Undefined if there is no such process or it may not be seen. */
export function commandLine(pid: number): string | undefined {
  if (process.platform !== 'linux') return ps(pid, 'command');
  const line = readOrUndefined(`/proc/${pid}/cmdline`);
  return line === undefined || line === '' ? undefined : line.replace(/\0$/, '').replaceAll('\0', ' ');
}

/**
 * Whether the pid still names the process that started at `start`. Cheap enough to poll: where asking for the start
 * takes a process of its own, only whether there is a process counts.
 */
export function isSameProcess(pid: number, start: number | undefined): boolean {
  return isAlive(pid) && (process.platform !== 'linux' || processStart(pid) === start);
}
