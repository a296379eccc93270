import {
  asMap,
  checkFields,
  estimateField,
  items,
  keys,
  oneOf,
  optionalText,
  priorityField,
} from './act-fields.ts';
import { requiredText, texts } from './act-fields.ts';
import { checkKeys } from './draft.ts';
import {
  cleanKey,
  cleanLine,
  cleanList,
  cleanTexts,
  LIST_ITEM_CHARS_MAX,
  TASKS_MAX,
  TITLE_CHARS_MAX,
} from './limits.ts';
import { sortGraph } from './order.ts';
import { inOrder, orderGraph } from './phase-order.ts';
import {
  PlanError,
  type Plan,
  type PlanPhase,
  type PlanStatus,
  type PlanTask,
  type Skipped,
} from './plan.ts';
import { textOf, type MapTree, type Tree } from './tree.ts';

const PLAN_FIELDS = ['name', 'phases', 'tasks'];
const PHASE_FIELDS = ['key', 'title', 'description', 'parent', 'dependsOn'];
const TASK_FIELDS = [
  'key',
  'title',
  'description',
  'type',
  'priority',
  'estimate',
  'requires',
  'files',
  'labels',
];
const LINK_FIELDS = ['phase', 'dependsOn', 'status'];
const STATUSES: readonly PlanStatus[] = ['open', 'completed', 'cancelled', 'blocked'];

/** What the file names where, so that a contradiction is reported with its line. */
interface Reading {
  notes: string[];
  skipped: Skipped[];
  edges: number;
}

interface Placed<T> {
  value: T;
  line: number;
  /** Names of others: the group it is in and what it waits for. */
  group?: { key: string; line: number };
  waits: { key: string; line: number }[];
}

/**
 * Reads a plan in ACT's own format. It is written by hand or by an agent for us, so nothing is guessed: unknown fields,
 * unknown keys, and cycles are PlanErrors with their line.
 */
export function readAct(root: Tree): Plan {
  const plan = asMap(root, 'a plan');
  checkFields(plan, 'the plan', PLAN_FIELDS);
  const reading: Reading = { notes: [], skipped: [], edges: 0 };
  const name = optionalText(plan, 'name');
  const phases = items(plan, 'phases', TASKS_MAX).map((tree) => readPhase(asMap(tree, 'a phase'), reading));
  const tasks = items(plan, 'tasks', TASKS_MAX).map((tree) => readTask(asMap(tree, 'a task'), reading));
  checkKeys(tasks.map(({ value, line }) => ({ key: value.key, line })));
  if (phases.length > 0) checkKeys(phases.map(({ value, line }) => ({ key: value.key, line })));
  checkNames(tasks, phases);
  const ordered = sortedOrThrow(
    tasks.map(({ value }) => value),
    phases.map(({ value }) => value),
  );
  return {
    format: 'act',
    ...(name === undefined ? {} : { name: cleanLine(name, 'name', TITLE_CHARS_MAX, reading.notes) }),
    ...ordered,
    skipped: reading.skipped,
    notes: reading.notes,
    counts: {
      items: tasks.length,
      edges: reading.edges,
      importedItems: tasks.length,
      importedEdges: reading.edges - reading.skipped.length,
      derivedEdges: 0,
    },
  };
}

function readPhase(map: MapTree, reading: Reading): Placed<PlanPhase> {
  checkFields(map, 'a phase', PHASE_FIELDS);
  const key = cleanKey(requiredText(map, 'key', 'the phase'), map.line);
  const title = requiredText(map, 'title', `the phase ${key}`);
  const group = groupOf(map, 'parent');
  const waits = readWaits(map, key, reading);
  const value: PlanPhase = {
    key,
    ...cleanTexts(key, title, optionalText(map, 'description'), reading.notes),
    ...(group === undefined ? {} : { parent: group.key }),
    dependsOn: waits.map((wait) => wait.key),
  };
  return { value, line: map.line, waits, ...(group === undefined ? {} : { group }) };
}

function readTask(map: MapTree, reading: Reading): Placed<PlanTask> {
  checkFields(map, 'a task', [...TASK_FIELDS, ...LINK_FIELDS]);
  const key = cleanKey(requiredText(map, 'key', 'the task'), map.line);
  const title = requiredText(map, 'title', `the task ${key}`);
  const { notes } = reading;
  const type = optionalText(map, 'type');
  const estimateMinutes = estimateField(map);
  const requires = items(map, 'requires').map(readCapability);
  const filePaths = cleanList(texts(map, 'files'), `${key}: file`, notes);
  const labels = cleanList(texts(map, 'labels'), `${key}: label`, notes);
  const group = groupOf(map, 'phase');
  const waits = readWaits(map, key, reading);
  const value: PlanTask = {
    key,
    ...cleanTexts(key, title, optionalText(map, 'description'), notes),
    ...(type === undefined ? {} : { type: cleanLine(type, `${key}: type`, TITLE_CHARS_MAX, notes) }),
    priority: priorityField(map) ?? 2,
    status: oneOf(map, 'status', STATUSES) ?? 'open',
    ...(estimateMinutes === undefined ? {} : { estimateMinutes }),
    ...(requires.length === 0 ? {} : { requires }),
    ...(filePaths.length === 0 ? {} : { filePaths }),
    ...(labels.length === 0 ? {} : { labels }),
    ...(group === undefined ? {} : { parent: group.key }),
    dependsOn: waits.map((wait) => wait.key),
  };
  return { value, line: map.line, waits, ...(group === undefined ? {} : { group }) };
}

/** 'typescript', or {name: typescript, level: 3}; the level is for the hub to judge, here any number from 0 to 100. */
function readCapability(tree: Tree): { name: string; level?: number } {
  const short = textOf(tree);
  const map = short === undefined ? asMap(tree, 'a capability') : undefined;
  if (map !== undefined) checkFields(map, 'a capability', ['name', 'level']);
  const raw = map === undefined ? (short ?? '') : requiredText(map, 'name', 'the capability');
  const name = cleanLine(raw, 'capability', LIST_ITEM_CHARS_MAX, []);
  if (name === '') throw new PlanError('a capability has no name', tree.line);
  const level = map?.fields.get('level');
  if (level === undefined) return { name };
  if (level.value.kind !== 'number' || !(level.value.value >= 0 && level.value.value <= 100)) {
    throw new PlanError('level must be a number from 0 to 100', level.line);
  }
  return { name, level: level.value.value };
}

function groupOf(map: MapTree, name: string): { key: string; line: number } | undefined {
  const field = map.fields.get(name);
  const text = optionalText(map, name);
  return field === undefined || text === undefined
    ? undefined
    : { key: cleanKey(text, field.line), line: field.line };
}

/** The keys that `key` waits for, each once; a repetition is harmless and reported. */
function readWaits(map: MapTree, key: string, reading: Reading): { key: string; line: number }[] {
  const seen = new Set<string>();
  return keys(map, 'dependsOn').filter((wait) => {
    reading.edges += 1;
    if (wait.key === key) throw new PlanError(`${key} depends on itself`, wait.line);
    if (!seen.has(wait.key)) return seen.add(wait.key);
    reading.skipped.push({
      what: 'edge',
      key: `${key} -> ${wait.key} (dependsOn)`,
      line: wait.line,
      reason: 'duplicate edge',
    });
    return false;
  });
}

function checkNames(tasks: readonly Placed<PlanTask>[], phases: readonly Placed<PlanPhase>[]): void {
  const taskKeys = new Set(tasks.map(({ value }) => value.key));
  const phaseKeys = new Set(phases.map(({ value }) => value.key));
  for (const { value, waits, group } of [...tasks, ...phases]) {
    const own = 'priority' in value ? taskKeys : phaseKeys;
    for (const wait of waits) {
      if (own.has(wait.key)) continue;
      const other = taskKeys.has(wait.key) ? ', which is a task' : ', which is a phase';
      const hint = taskKeys.has(wait.key) || phaseKeys.has(wait.key) ? other : ', which is not in the plan';
      throw new PlanError(`${value.key} depends on ${wait.key}${hint}`, wait.line);
    }
    if (group !== undefined && !phaseKeys.has(group.key)) {
      throw new PlanError(`${value.key} is in the phase ${group.key}, which is not in the plan`, group.line);
    }
  }
}

function sortedOrThrow(tasks: PlanTask[], phases: PlanPhase[]): { tasks: PlanTask[]; phases: PlanPhase[] } {
  // Searched apart first, so that a cycle of tasks alone is named in tasks alone.
  for (const graph of [orderGraph(tasks, []), orderGraph(tasks, phases)]) {
    const cycle = sortGraph(graph).closing[0]?.cycle;
    if (cycle !== undefined)
      throw new PlanError(`a cycle, nothing of it can start: ${cycle.replaceAll('task ', '')}`);
  }
  return inOrder(tasks, phases);
}
