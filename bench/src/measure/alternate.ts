import type { Case, CaseResult } from './case.ts';
import { percentile, spread } from './percentile.ts';
import type { Spread } from './percentile.ts';
import { formatTable } from './table.ts';

export interface AlternateOptions {
  rounds: number;
  /** Rounds run first and thrown away, so that no case pays for compiling the driver. Default 0. */
  warmupRounds?: number;
  /** Name of the case that ratios are taken against. Default: the first. */
  baseline?: string;
  /** What is counted, for the table's heading. Default "operations". */
  unit?: string;
  /** Receives the finished table. Default: standard output. */
  print?: (text: string) => void;
  /** Receives a line after each run of a case. Default: standard error. */
  progress?: (line: string) => void;
}

/** One run of one case; CPU is µs per operation. */
export interface Round {
  count: number;
  seconds: number;
  perSecond: number;
  p50Ms?: number;
  p99Ms?: number;
  nodeCpuUs?: number;
  dbCpuUs?: number;
}

export interface CaseSummary {
  perSecond: Spread;
  /** perSecond ÷ the baseline's perSecond of the same round. */
  ratio: Spread;
  p50Ms?: Spread;
  p99Ms?: Spread;
  nodeCpuUs?: Spread;
  dbCpuUs?: Spread;
  /** The baseline's CPU per operation, Node and database, ÷ this case's in the same round: above 1 is cheaper. */
  cpuRatio?: Spread;
}

export interface CaseReport {
  name: string;
  summary: CaseSummary;
  rounds: Round[];
}

export interface Report {
  baseline: string;
  unit: string;
  cases: CaseReport[];
}

/**
 * Runs the cases as A B C A B C …, so that a disturbance of the machine falls on all of them, prints a table of
 * median (min–max), and returns the same as an object for JSON. Ratios are taken within a round and only then
 * summarised: their median survives a slow minute that a ratio of medians would not. A case that throws ends it.
 */
export async function alternate(cases: readonly Case[], options: AlternateOptions): Promise<Report> {
  const { rounds, warmupRounds = 0, unit = 'operations' } = options;
  const print = options.print ?? ((text: string) => void process.stdout.write(`${text}\n`));
  const progress = options.progress ?? ((line: string) => void process.stderr.write(`${line}\n`));
  const baseline = options.baseline ?? cases[0]?.name;
  const baselineIndex = cases.findIndex((candidate) => candidate.name === baseline);
  if (baseline === undefined || baselineIndex === -1) throw new Error(`no case is named "${baseline}"`);

  const measured: Round[][] = cases.map(() => []);
  for (let round = 1 - warmupRounds; round <= rounds; round += 1) {
    for (const [index, current] of cases.entries()) {
      const result = toRound(await current.run());
      if (round > 0) measured[index]?.push(result);
      const label = round > 0 ? `round ${round}/${rounds}` : 'warm-up';
      progress(`${label}  ${current.name}: ${Math.round(result.perSecond)} ${unit}/s`);
    }
  }

  const reference = measured[baselineIndex] ?? [];
  const reports = cases.map((current, index) => {
    const own = measured[index] ?? [];
    return { name: current.name, summary: summarise(own, reference), rounds: own };
  });
  const report = { baseline, unit, cases: reports };
  print(formatTable(report));
  return report;
}

function toRound(result: CaseResult): Round {
  const { count, seconds, latenciesMs = [], nodeCpuUs, dbCpuUs } = result;
  return {
    count,
    seconds,
    perSecond: count / seconds,
    ...(latenciesMs.length > 0 && {
      p50Ms: percentile(latenciesMs, 0.5),
      p99Ms: percentile(latenciesMs, 0.99),
    }),
    ...(nodeCpuUs !== undefined && { nodeCpuUs: nodeCpuUs / count }),
    ...(dbCpuUs !== undefined && { dbCpuUs: dbCpuUs / count }),
  };
}

function summarise(own: readonly Round[], reference: readonly Round[]): CaseSummary {
  const optional = ['p50Ms', 'p99Ms', 'nodeCpuUs', 'dbCpuUs'] as const;
  const summary: CaseSummary = {
    perSecond: spread(own.map((round) => round.perSecond)),
    ratio: spread(own.map((round, index) => round.perSecond / (reference[index]?.perSecond ?? Number.NaN))),
  };
  for (const key of optional) {
    const values = own.map((round) => round[key]).filter((value) => value !== undefined);
    if (values.length > 0) summary[key] = spread(values);
  }
  const cpuRatios = own.map((round, index) => cpuUs(reference[index]) / cpuUs(round));
  if (cpuRatios.every(Number.isFinite)) summary.cpuRatio = spread(cpuRatios);
  return summary;
}

/** NaN unless both parts are known: a ratio of halves would mislead. */
function cpuUs(round: Round | undefined): number {
  return (round?.nodeCpuUs ?? Number.NaN) + (round?.dbCpuUs ?? Number.NaN);
}
