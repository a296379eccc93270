import { readdirSync, readFileSync } from 'node:fs';

/**
 * CPU time that a PostgreSQL cluster has used since it started, in µs.
 *
 * Every server process is a direct child of the postmaster, so the sum is
 *   postmaster + each living child + the children that have exited.
 * A living process is read from /proc/PID/schedstat (field 1, ns on a CPU, exact); where the kernel does not
 * offer that, from utime + stime of /proc/PID/stat. Exited children are cutime + cstime of the postmaster's
 * stat line. Those are clock ticks (10 ms), so a difference of two readings is off by at most 10 ms when
 * backends end in the section and exact when none does: open pools before the section, close them after it.
 *
 * A child that exits between the listing and the reading would be missed or counted twice; the reading is
 * repeated until cutime + cstime and the set of children stand still.
 */
export function postgresCpuUs(postmasterPid: number): number {
  for (let attempt = 0; attempt < READ_ATTEMPTS_MAX; attempt += 1) {
    const before = readStat(postmasterPid);
    if (before === undefined)
      throw new Error(`no process ${postmasterPid}: is the postmaster on this machine?`);
    const living = [postmasterPid, ...childrenOf(postmasterPid)].map(processCpuUs);
    const after = readStat(postmasterPid);
    const settled = after?.exitedChildrenUs === before.exitedChildrenUs;
    if (settled && living.every((us) => us !== undefined)) {
      return living.reduce((sum, us) => sum + us, before.exitedChildrenUs);
    }
  }
  throw new Error(`the processes of PostgreSQL did not stand still in ${READ_ATTEMPTS_MAX} readings`);
}

const READ_ATTEMPTS_MAX = 50;
/** USER_HZ is 100 on every Linux that Node supports, whatever the kernel's own tick. */
const TICK_US = 10_000;

interface Stat {
  parentPid: number;
  ownUs: number;
  exitedChildrenUs: number;
}

function childrenOf(parentPid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => readStat(pid)?.parentPid === parentPid);
}

function processCpuUs(pid: number): number | undefined {
  const nanoseconds = Number(readProc(pid, 'schedstat')?.split(' ')[0] ?? Number.NaN);
  return Number.isNaN(nanoseconds) ? readStat(pid)?.ownUs : nanoseconds / 1000;
}

/** Fields of proc_pid_stat(5), counted after the command name, which may itself hold spaces and brackets. */
function readStat(pid: number): Stat | undefined {
  const line = readProc(pid, 'stat');
  if (line === undefined) return undefined;
  const fields = line
    .slice(line.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const [utime = 0, stime = 0, cutime = 0, cstime = 0] = fields.slice(11, 15);
  return {
    parentPid: fields[1] ?? 0,
    ownUs: (utime + stime) * TICK_US,
    exitedChildrenUs: (cutime + cstime) * TICK_US,
  };
}

/** Undefined when the process ended meanwhile or the kernel lacks the file. */
function readProc(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return undefined;
  }
}
