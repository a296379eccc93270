import type { Durations } from './policy.ts';

/** Ratios makespan / lower bound over the instances of a set. */
export interface Ratios {
  readonly geoMean: number;
  readonly worst: number;
}

export interface PolicyReport extends Ratios {
  /** The same with every size 1 in the policy and true durations in the simulation. */
  readonly unknownDurations: Ratios;
}

export interface InstanceReport {
  readonly name: string;
  readonly lowerBound: number;
  /** Validated makespans per policy. */
  readonly makespan: Readonly<Record<string, number>>;
  readonly makespanUnknownDurations: Readonly<Record<string, number>>;
}

export interface SetReport {
  readonly instances: number;
  readonly policies: Readonly<Record<string, PolicyReport>>;
  readonly perInstance: readonly InstanceReport[];
}

export interface AssignmentReport {
  readonly sets: Readonly<Record<string, SetReport>>;
  /** Files that could not be read or policies that broke a rule; what they name is left out of the ratios. */
  readonly failures: readonly string[];
}

/** Sums a set up. Every instance must carry a makespan of every policy. */
export function toSetReport(policies: readonly string[], perInstance: readonly InstanceReport[]): SetReport {
  const reports = policies.map((policy): [string, PolicyReport] => {
    const unknownDurations = ratiosOf(perInstance, policy, 'unknown');
    return [policy, { ...ratiosOf(perInstance, policy, 'known'), unknownDurations }];
  });
  return { instances: perInstance.length, policies: Object.fromEntries(reports), perInstance };
}

function ratiosOf(instances: readonly InstanceReport[], policy: string, durations: Durations): Ratios {
  const ratios = instances.map((each) => {
    const makespan = durations === 'known' ? each.makespan : each.makespanUnknownDurations;
    return ratio(makespan[policy] ?? Number.NaN, each.lowerBound);
  });
  const logarithms = ratios.reduce((sum, each) => sum + Math.log(each), 0);
  return { geoMean: Math.exp(logarithms / ratios.length), worst: Math.max(...ratios) };
}

/** A project without work ends when it must, at 0. */
function ratio(makespan: number, lowerBound: number): number {
  return makespan === lowerBound ? 1 : makespan / lowerBound;
}

/** One row per set and policy: geometric mean (worst) of makespan / lower bound, with and without durations. */
export function toTable(report: AssignmentReport): string {
  const head = ['set', 'instances', 'policy', 'durations known', 'durations unknown'];
  const rows = Object.entries(report.sets).flatMap(([set, { instances, policies }]) =>
    Object.entries(policies).map(([policy, ratios]) => [
      set,
      String(instances),
      policy,
      toCell(ratios),
      toCell(ratios.unknownDurations),
    ]),
  );
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const lines = [head, ...rows].map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const failures = report.failures.map((failure) => `FAILED ${failure}`);
  return ['makespan / lower bound: geometric mean (worst)', ...lines, ...failures].join('\n');
}

function toCell({ geoMean, worst }: Ratios): string {
  return `${geoMean.toFixed(4)} (${worst.toFixed(3)})`;
}
