import { readFile, readdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { lowerBound } from './lower-bound.ts';
import type { Instance } from './parse.ts';
import { parseInstance } from './parse.ts';
import type { Durations, Puller } from './policy.ts';
import type { AssignmentReport, InstanceReport, SetReport } from './report.ts';
import { toSetReport, toTable } from './report.ts';
import { simulate } from './simulate.ts';
import { validateSchedule } from './validate.ts';

export { makeFifo, makeFlow, makeWeighted } from './reference.ts';
export type { Instance } from './parse.ts';
export type { Durations, Grant, Puller } from './policy.ts';
export type { AssignmentReport } from './report.ts';

export interface AssignmentArgs {
  /** A folder with `.def` files, or with sub-folders that have some: each such folder is a set named after itself. */
  readonly data: string;
  /** Print the report as one JSON object instead of a table. */
  readonly json: boolean;
  /** Per policy name, a maker of a fresh puller; it is called twice per instance. */
  readonly pullers: Readonly<Record<string, () => Puller>>;
}

/** Measures as {@link measureAssignment} does and prints the report. */
export async function runAssignment({ data, json, pullers }: AssignmentArgs): Promise<AssignmentReport> {
  const report = await measureAssignment(data, pullers);
  console.log(json ? JSON.stringify(report) : toTable(report));
  return report;
}

/**
 * Measures each policy on each instance against a provable lower bound. Every schedule passes the independent
 * validator. An instance that cannot be read or on which some policy fails is named in `failures` and left out for all
 * policies, so that they are compared on the same instances.
 *
 * @throws Error when the folder cannot be read or holds no `.def` file
 */
export async function measureAssignment(
  data: string,
  pullers: AssignmentArgs['pullers'],
): Promise<AssignmentReport> {
  const folders = await findSets(data);
  if (folders.length === 0) throw new Error(`${data}: neither the folder nor a sub-folder has .def files`);
  const failures: string[] = [];
  const sets: [string, SetReport][] = [];
  for (const { name, files } of folders) {
    const measured: InstanceReport[] = [];
    for (const file of files) {
      const text = await readFile(file, 'utf8');
      const label = `${name}/${basename(file)}`;
      try {
        measured.push(measure(parseInstance(text, label), basename(file, '.def'), pullers));
      } catch (error) {
        failures.push(error instanceof Error ? error.message : String(error));
      }
    }
    if (measured.length > 0) sets.push([name, toSetReport(Object.keys(pullers), measured)]);
  }
  return { sets: Object.fromEntries(sets), failures };
}

async function findSets(data: string): Promise<{ name: string; files: string[] }[]> {
  const entries = await readdir(data, { withFileTypes: true });
  // A sub-folder may be a link to data kept elsewhere; reading it tells.
  const folders = entries.filter((entry) => entry.isDirectory() || entry.isSymbolicLink());
  const paths = [data, ...folders.map((entry) => join(data, entry.name)).sort()];
  const sets = await Promise.all(
    paths.map(async (path) => ({ name: basename(resolve(path)), files: await findFiles(path) })),
  );
  return sets.filter((set) => set.files.length > 0);
}

async function findFiles(folder: string): Promise<string[]> {
  try {
    const names = await readdir(folder);
    return names
      .filter((name) => name.toLowerCase().endsWith('.def'))
      .sort()
      .map((name) => join(folder, name));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOTDIR') return [];
    throw error;
  }
}

function measure(instance: Instance, name: string, pullers: AssignmentArgs['pullers']): InstanceReport {
  const bound = lowerBound(instance);
  const makespans = (durations: Durations): Record<string, number> =>
    Object.fromEntries(
      Object.entries(pullers).map(([policy, makePuller]) => {
        const schedule = simulate(instance, makePuller(), { durations });
        const makespan = validateSchedule(instance, schedule);
        if (makespan < bound)
          throw new Error(`${instance.name}: ${policy} ends at ${makespan}, below the bound ${bound}`);
        return [policy, makespan];
      }),
    );
  return {
    name,
    lowerBound: bound,
    makespan: makespans('known'),
    makespanUnknownDurations: makespans('unknown'),
  };
}
