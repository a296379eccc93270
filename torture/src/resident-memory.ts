import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const read = (pid: number, field: 'VmRSS' | 'VmHWM'): number => {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0) / 1_024;
};

/** Resident memory of a process in MB. */
export const rssMbOf = (pid: number): number => read(pid, 'VmRSS');

/** The most that it ever was, in MB. */
export const rssPeakMbOf = (pid: number): number => read(pid, 'VmHWM');

/** Waits, and tells the most memory that the process had meanwhile. */
export const watchRss = async (pid: number, ms: number): Promise<number> => {
  const until = Date.now() + ms;
  let most = rssMbOf(pid);
  while (Date.now() < until) {
    await sleep(Math.min(100, Math.max(1, until - Date.now())));
    most = Math.max(most, rssMbOf(pid));
  }
  return most;
};
