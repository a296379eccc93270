import { postgresCpuUs } from './processor-time.ts';

export interface Section<T> {
  value: T;
  seconds: number;
  nodeCpuUs: number;
  /** Absent when the database runs on another machine. */
  dbCpuUs?: number;
}

/**
 * Runs `work` as the timed section of a case. Node's CPU is process.cpuUsage (user + system, all threads);
 * PostgreSQL's is {@link postgresCpuUs}, read outside the clock because walking /proc takes milliseconds.
 */
export async function timed<T>(work: () => Promise<T>, postmasterPid?: number): Promise<Section<T>> {
  const dbBefore = postmasterPid === undefined ? undefined : postgresCpuUs(postmasterPid);
  const nodeBefore = process.cpuUsage();
  const start = performance.now();
  const value = await work();
  const seconds = (performance.now() - start) / 1000;
  const node = process.cpuUsage(nodeBefore);
  const section = { value, seconds, nodeCpuUs: node.user + node.system };
  if (postmasterPid === undefined || dbBefore === undefined) return section;
  return { ...section, dbCpuUs: postgresCpuUs(postmasterPid) - dbBefore };
}
