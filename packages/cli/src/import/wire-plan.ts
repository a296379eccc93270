import type { CommandArguments } from '@agentmix/act-client';
import { CAPABILITIES_MAX, DEPENDENCIES_MAX, NAME_CHARS_MAX, PATH_CHARS_MAX } from '@agentmix/act-contract';
import { Failure } from '../cli/failure.ts';
import type { Plan, PlanPhase, PlanTask } from '../plan/index.ts';

type PlanArguments = CommandArguments<'plan.apply'>;
export type WirePhase = NonNullable<PlanArguments['phases']>[number];
export type WireTask = NonNullable<PlanArguments['tasks']>[number];

/** A plan as the hub takes it, with what did not fit. Order as in the plan: what others wait for comes first. */
export interface WirePlan {
  readonly phases: readonly WirePhase[];
  readonly tasks: readonly WireTask[];
  readonly notes: readonly string[];
}

/** The phases below each phase, itself included, and above it. */
const relatives = (phases: readonly PlanPhase[]) => {
  const byKey = new Map(phases.map((phase) => [phase.key, phase]));
  const above = (key: string): string[] => {
    const keys: string[] = [];
    for (let at: string | undefined = key; at !== undefined; at = byKey.get(at)?.parent) keys.push(at);
    return keys;
  };
  const below = new Map<string, string[]>();
  for (const { key } of phases)
    for (const ancestor of above(key)) below.set(ancestor, [...(below.get(ancestor) ?? []), key]);
  return { byKey, above, below };
};

/**
 * The hub's phases are flat. A nested phase waits for what the phases around it wait for, and who waits for a phase waits
 * for the ones inside it; phases without tasks of their own are waited for by nobody, for they never complete.
 */
const flattenPhases = (plan: Plan, notes: string[]): WirePhase[] => {
  const { byKey, above, below } = relatives(plan.phases);
  const peopled = new Set(plan.tasks.flatMap(({ parent }) => parent ?? []));
  return plan.phases.map(({ key, title, description }) => {
    const around = above(key);
    const own = new Set([...around, ...(below.get(key) ?? [])]);
    const waits = new Set(
      around
        .flatMap((ancestor) => byKey.get(ancestor)?.dependsOn ?? [])
        .flatMap((wanted) => below.get(wanted) ?? [])
        .filter((wanted) => peopled.has(wanted) && !own.has(wanted)),
    );
    if (waits.size > DEPENDENCIES_MAX)
      notes.push(`phase ${key} waits for ${DEPENDENCIES_MAX} of its ${waits.size} phases only`);
    return {
      key,
      name: title,
      ...(description === undefined ? {} : { description }),
      dependsOn: [...waits].slice(0, DEPENDENCIES_MAX),
    };
  });
};

const capabilitiesOf = (task: PlanTask, notes: string[]): { name: string; level: number }[] => {
  const wanted = task.requires ?? [];
  // Leaving out a requirement would give the task to agents that cannot do it.
  if (wanted.length > CAPABILITIES_MAX || wanted.some(({ name }) => name.length > NAME_CHARS_MAX))
    throw new Failure(
      `task ${task.key} asks for capabilities that the hub cannot hold: at most ${CAPABILITIES_MAX}, names of ${NAME_CHARS_MAX} characters`,
      { code: 'plan_too_large', hint: 'shorten them in the file; nothing was imported' },
    );
  return wanted.map(({ name, level = 1 }) => {
    if (!Number.isInteger(level)) notes.push(`${task.key}: level ${level} of ${name} is rounded up`);
    return { name, level: Math.ceil(level) };
  });
};

const pathsOf = (task: PlanTask, notes: string[]): string[] => {
  const paths = task.filePaths ?? [];
  const kept = paths.filter((path) => path.length <= PATH_CHARS_MAX);
  if (kept.length < paths.length)
    notes.push(
      `${task.key}: ${paths.length - kept.length} paths are longer than ${PATH_CHARS_MAX} characters`,
    );
  return kept;
};

const statusOf = (task: PlanTask, asNew: boolean, notes: string[]): NonNullable<WireTask['status']> => {
  if (asNew) return 'open';
  if (task.status !== 'blocked') return task.status;
  notes.push(`${task.key}: blocked in the file, imported as open`);
  return 'open';
};

const wireTask = (task: PlanTask, asNew: boolean, notes: string[]): WireTask => {
  const { key, title, description, type, priority, estimateMinutes, parent, dependsOn } = task;
  return {
    key,
    title,
    ...(description === undefined ? {} : { description }),
    ...(type === undefined || type === '' ? {} : { type: type.slice(0, NAME_CHARS_MAX) }),
    priority,
    ...(estimateMinutes === undefined ? {} : { estimatedTime: estimateMinutes }),
    requires: capabilitiesOf(task, notes),
    filePaths: pathsOf(task, notes),
    ...(parent === undefined ? {} : { phase: parent }),
    dependsOn,
    status: statusOf(task, asNew, notes),
  };
};

/** Fits a plan to the contract. Throws a Failure for what cannot be said there without a change of meaning. */
export const toWirePlan = (plan: Plan, asNew: boolean): WirePlan => {
  const notes = [...plan.notes];
  const phases = flattenPhases(plan, notes);
  const tasks = plan.tasks.map((task) => wireTask(task, asNew, notes));
  const labelled = plan.tasks.filter(({ labels }) => labels !== undefined).length;
  if (labelled > 0) notes.push(`labels of ${labelled} tasks are not kept: the hub has none`);
  return { phases, tasks, notes };
};
