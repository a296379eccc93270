import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const CGROUPS = '/sys/fs/cgroup';
const CPU_PERIOD_US = 100_000;

/** What containers are made of, without an engine: needs root, and control groups (version 1) that may be written to. */
export const canConfine = process.getuid?.() === 0 && existsSync(join(CGROUPS, 'memory', 'cgroup.procs'));

export interface Limits {
  readonly memoryBytes: number;
  /** Of one core. */
  readonly cpus: number;
}

export interface Confinement {
  /** Files that a process writes its id into to be bounded. */
  readonly procsFiles: readonly string[];
  readonly memoryPeakBytes: () => number;
  /** How often the processes were held because their share of the processor was used up. */
  readonly throttled: () => number;
  readonly remove: () => void;
}

/** Control groups with these limits, as the engine makes for a container. */
export const makeConfinement = (name: string, { memoryBytes, cpus }: Limits): Confinement => {
  const memory = join(CGROUPS, 'memory', name);
  const cpu = join(CGROUPS, 'cpu', name);
  for (const folder of [memory, cpu]) mkdirSync(folder);
  writeFileSync(join(memory, 'memory.limit_in_bytes'), String(memoryBytes));
  writeFileSync(join(cpu, 'cpu.cfs_period_us'), String(CPU_PERIOD_US));
  writeFileSync(join(cpu, 'cpu.cfs_quota_us'), String(CPU_PERIOD_US * cpus));
  return {
    procsFiles: [memory, cpu].map((folder) => join(folder, 'cgroup.procs')),
    memoryPeakBytes: () => Number(readFileSync(join(memory, 'memory.max_usage_in_bytes'), 'utf8')),
    throttled: () => Number(/nr_throttled (\d+)/.exec(readFileSync(join(cpu, 'cpu.stat'), 'utf8'))?.[1] ?? 0),
    remove: () => [memory, cpu].forEach((folder) => rmdirSync(folder)),
  };
};
