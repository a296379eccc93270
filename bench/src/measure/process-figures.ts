import { readdirSync, readFileSync } from 'node:fs';

const KIB_PER_MIB = 1_024;

/**
 * CPU time of another process since it started, all its threads, in µs: the sum of field 1 of
 * /proc/PID/task/TID/schedstat, which is exact to the nanosecond. Threads that have ended are missing, so it is meant
 * for processes whose threads live as long as they do, as Node's. Throws when there is no such process.
 */
export function processCpuUs(pid: number): number {
  return readdirSync(`/proc/${pid}/task`).reduce((sum, thread) => {
    const [nanoseconds = ''] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1').split(' ');
    return sum + Number(nanoseconds) / 1_000;
  }, 0);
}

/** Resident memory of another process, now and at its highest, in MiB. */
export function processMemoryMb(pid: number): { rssMb: number; rssMbPeak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  const field = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? Number.NaN) / KIB_PER_MIB;
  return { rssMb: field('VmRSS'), rssMbPeak: field('VmHWM') };
}
