import { alternate, describeMachine, formatMachine, readFlags, startCluster } from '../measure/index.ts';
import type { Case, Machine, Report } from '../measure/index.ts';
import type { ClaimEnvironment } from './environment.ts';
import { claimRatios } from './ratios.ts';
import type { ClaimRatios } from './ratios.ts';

export interface ClaimsReport extends Report, ClaimRatios {
  bench: 'claims';
  machine: Machine;
  rounds: number;
  tasks: number;
  callers: number;
}

const DEFAULTS = { rounds: 5, tasks: 5_000, callers: 64, warmup: 1 };

/**
 * `npm run bench -- claims [--json] [--rounds N] [--tasks N] [--callers N] [--warmup N] [--only PATTERN]`.
 * Starts a cluster, alternates the cases (the first is the 1×), prints machine and table, or with --json one
 * object on standard output and everything else on standard error. --only always keeps the first case.
 */
export async function runClaims(
  argv: readonly string[],
  makeCases: (environment: ClaimEnvironment) => readonly Case[],
): Promise<ClaimsReport> {
  const { rounds, tasks, callers, warmup, json, only } = readFlags(argv, DEFAULTS);
  if (rounds < 1 || tasks < 1 || callers < 1) throw new Error('--rounds, --tasks and --callers start at 1');
  const cluster = await startCluster();
  try {
    const { connection, postmasterPid } = cluster;
    const machine = await describeMachine(connection);
    const print = (text: string) => void (json ? process.stderr : process.stdout).write(`${text}\n`);
    print(`${formatMachine(machine)}; ${tasks} tasks, ${rounds} rounds\n`);
    const cases = makeCases({ connection, postmasterPid, tasks, callers }).filter(
      (candidate, index) => index === 0 || only === undefined || only.test(candidate.name),
    );
    const report = await alternate(cases, { rounds, warmupRounds: warmup, unit: 'tasks', print });
    const ratios = claimRatios(report);
    for (const [field, ratio] of Object.entries(ratios)) print(`${field} ${Number(ratio).toFixed(2)}`);
    const full: ClaimsReport = { bench: 'claims', ...ratios, machine, rounds, tasks, callers, ...report };
    if (json) process.stdout.write(`${JSON.stringify(full)}\n`);
    return full;
  } finally {
    await cluster.stop();
  }
}
