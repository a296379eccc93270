import { describeHost, makePrint, publish, readFlags } from '../measure/index.ts';
import type { Bound, Host, Published } from '../measure/index.ts';
import { makeCorePuller } from './core-puller.ts';
import { makeFlow, makeWeighted, measureAssignment } from './index.ts';
import { measureNext } from './next-cost.ts';
import type { NextCost } from './next-cost.ts';
import type { Ratios, SetReport } from './report.ts';
import { toTable } from './report.ts';

const DEFAULTS = { tasks: 1_000, agents: 40 };
const DATA_DEFAULT = '../shared/data/scheduling/MSRCPSP';
const NEXT_US_MAX = 2_000;
const FLOW_MAX: Readonly<Record<string, number>> = { d36: 1.03, d45: 1.04, GenRegular: 1.04 };
const FLOW_UNKNOWN_MAX: Readonly<Record<string, number>> = { d36: 1.07 };

/** Geometric means of makespan ÷ provable lower bound. */
interface SetFigures {
  instances: number;
  flow: number;
  flowUnknownDurations: number;
  flowWorst: number;
  weighted: number;
  weightedUnknownDurations: number;
  /** The same rules written plainly, from the research: what the core should come to. */
  referenceFlow: number;
  referenceFlowUnknownDurations: number;
  referenceWeighted: number;
  perInstance: SetReport['perInstance'];
}

export interface AssignmentFigures {
  bench: 'assignment';
  host: Host;
  sets: Record<string, SetFigures>;
  nextUs: Record<'flow' | 'weighted', NextCost>;
  failures: readonly string[];
}

function figuresOf({ instances, policies, perInstance }: SetReport): SetFigures {
  const missing: Ratios = { geoMean: Number.NaN, worst: Number.NaN };
  const of = (policy: string) => policies[policy] ?? { ...missing, unknownDurations: missing };
  return {
    instances,
    flow: of('flow').geoMean,
    flowUnknownDurations: of('flow').unknownDurations.geoMean,
    flowWorst: of('flow').worst,
    weighted: of('weighted').geoMean,
    weightedUnknownDurations: of('weighted').unknownDurations.geoMean,
    referenceFlow: of('reference flow').geoMean,
    referenceFlowUnknownDurations: of('reference flow').unknownDurations.geoMean,
    referenceWeighted: of('reference weighted').geoMean,
    perInstance,
  };
}

function boundsOf({ sets, nextUs }: AssignmentFigures): Bound[] {
  const ofSets = Object.entries(sets).flatMap(([name, figures]): Bound[] => {
    const known = FLOW_MAX[name];
    const unknown = FLOW_UNKNOWN_MAX[name];
    return [
      ...(known === undefined ? [] : [{ figure: `${name} flow`, value: figures.flow, max: known }]),
      ...(unknown === undefined
        ? []
        : [{ figure: `${name} flowUnknownDurations`, value: figures.flowUnknownDurations, max: unknown }]),
    ];
  });
  return [
    ...ofSets,
    { figure: 'nextUs.flow.mean', value: nextUs.flow.mean, max: NEXT_US_MAX },
    { figure: 'nextUs.flow.p99', value: nextUs.flow.p99, max: NEXT_US_MAX },
  ];
}

/**
 * `npm run bench -- assignment [--data DIR] [--json] [--assert] [--tasks N] [--agents N]`: how close the core's
 * assignment comes to provable bounds on public instances (`.def` files in DIR or its sub-folders), beside the plain
 * rules of the research, and what one task.next costs in a project of that size.
 */
export async function runAssignmentBench(argv: readonly string[]): Promise<Published<AssignmentFigures>> {
  const { json, assert, only: _only, data = DATA_DEFAULT, ...sizes } = readFlags(argv, DEFAULTS);
  const print = makePrint(json);
  const nextUs = { flow: measureNext('flow', sizes), weighted: measureNext('weighted', sizes) };
  const report = await measureAssignment(data, {
    flow: () => makeCorePuller({ policy: 'flow' }),
    weighted: () => makeCorePuller({ policy: 'weighted' }),
    'reference flow': makeFlow,
    'reference weighted': makeWeighted,
  });
  print(toTable(report));
  print(
    `task.next in a project of ${sizes.tasks} tasks and ${sizes.agents} agents, µs: ${JSON.stringify(nextUs)}`,
  );
  const sets = Object.entries(report.sets).map(([name, set]): [string, SetFigures] => [name, figuresOf(set)]);
  const figures: AssignmentFigures = {
    bench: 'assignment',
    host: describeHost(),
    sets: Object.fromEntries(sets),
    nextUs,
    failures: report.failures,
  };
  return publish(figures, boundsOf(figures), { json, ...(assert && { assert }) });
}
