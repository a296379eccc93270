import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';

/** Where a figure was taken, as far as this process can see; {@link describeMachine} adds the database and the disk. */
export interface Host {
  date: string;
  cores: number;
  cpu: string;
  memoryGiB: number;
  /** One-minute load average: above 0 before a bench means that neighbours share the cores. */
  load: number;
  kernel: string;
  node: string;
}

export function describeHost(): Host {
  return {
    date: new Date().toISOString(),
    cores: availableParallelism(),
    cpu: cpus()[0]?.model ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    load: loadavg()[0] ?? 0,
    kernel: release(),
    node: process.version,
  };
}
