import { expect, test } from 'vitest';

import { processCpuUs, processMemoryMb } from './process-figures.ts';

test('counts the processor time of this process as Node does', () => {
  const nodeBefore = process.cpuUsage();
  const before = processCpuUs(process.pid);
  const end = performance.now() + 100;
  while (performance.now() < end) Math.sqrt(end);
  const { user, system } = process.cpuUsage(nodeBefore);
  const used = processCpuUs(process.pid) - before;
  expect(Math.abs(used - user - system)).toBeLessThan(0.5 * (user + system));
});

test('sees the resident memory of this process, and its highest', () => {
  const { rssMb, rssMbPeak } = processMemoryMb(process.pid);
  expect(rssMb).toBeCloseTo(process.memoryUsage().rss / 2 ** 20, -2);
  expect(rssMbPeak).toBeGreaterThanOrEqual(rssMb);
});

test('throws for a process that does not exist', () => {
  expect(() => processCpuUs(2 ** 22 + 1)).toThrow('ENOENT');
});
