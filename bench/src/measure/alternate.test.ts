import { expect, test } from 'vitest';

import { alternate } from './alternate.ts';
import type { Case } from './case.ts';

/** Reports the given rates one after the other and notes that it ran. */
function scripted(name: string, rates: readonly number[], log: string[]): Case {
  let runs = 0;
  return {
    name,
    async run() {
      log.push(name);
      const perSecond = rates[runs] ?? 0;
      runs += 1;
      return { count: perSecond, seconds: 1, nodeCpuUs: perSecond * 2, dbCpuUs: 1000 - perSecond * 2 };
    },
  };
}

const silent = { print: () => {}, progress: () => {} };

test('cases take turns, and warm-up rounds are not counted', async () => {
  const log: string[] = [];
  const cases = [scripted('a', [1, 10], log), scripted('b', [1, 20], log)];
  const report = await alternate(cases, { rounds: 1, warmupRounds: 1, ...silent });
  expect(log).toEqual(['a', 'b', 'a', 'b']);
  expect(report.cases.map((each) => each.rounds.map((round) => round.perSecond))).toEqual([[10], [20]]);
});

test('a ratio is the median of the ratios within each round', async () => {
  const cases = [scripted('a', [10, 100, 1], []), scripted('b', [20, 300, 4], [])];
  const report = await alternate(cases, { rounds: 3, ...silent });
  expect(report.cases[1]?.summary.ratio).toEqual({ median: 3, min: 2, max: 4 });
  expect(report.cases[1]?.summary.cpuRatio?.median).toBeCloseTo(3);
  expect(report.cases[0]?.summary.ratio.median).toBe(1);
});

test('refuses a baseline that is not among the cases', async () => {
  await expect(alternate([scripted('a', [1], [])], { rounds: 1, baseline: 'b', ...silent })).rejects.toThrow(
    '"b"',
  );
});

test('a case without latencies shows none', async () => {
  let table = '';
  await alternate([scripted('a', [100], [])], { rounds: 1, ...silent, print: (text) => (table = text) });
  expect(table).toContain(
    '| a | 100 (100–100) | – | – | 2.00 (2.00–2.00) | 8.00 (8.00–8.00) | 1.00 (1.00–1.00)',
  );
});
