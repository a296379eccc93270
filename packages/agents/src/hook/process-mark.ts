import { readFileSync } from 'node:fs';

/** A process, told from a later one that got its number. */
export interface ProcessMark {
  readonly pid: number;
  /** When it started, in clock ticks since boot; absent where the system does not tell. */
  readonly start?: number;
}

/** undefined where there is no such process or the system does not tell. A zombie is none: nobody may be there to reap it. */
const startOf = (pid: number): number | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name before the bracket may contain spaces and brackets.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : Number(fields[19]);
  } catch {
    return undefined;
  }
};

export const processMark = (pid: number): ProcessMark => {
  const start = startOf(pid);
  return { pid, ...(start === undefined ? {} : { start }) };
};

/** Whether the process still runs. */
export const isRunning = ({ pid, start }: ProcessMark): boolean => {
  if (start !== undefined) return startOf(pid) === start;
  try {
    return process.kill(pid, 0);
  } catch {
    // Gone, or somebody else’s by now: ours are of this user.
    return false;
  }
};
