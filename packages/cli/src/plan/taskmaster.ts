import { assemble } from './assemble.ts';
import { makeSheet, type Sheet } from './draft.ts';
import { cleanKey, cleanLine, cleanTexts, TITLE_CHARS_MAX } from './limits.ts';
import { PlanError, type Plan, type PlanStatus } from './plan.ts';
import { listField, textField, textOf, valueOf, type MapTree, type Tree } from './tree.ts';

const STATUSES = new Map<string, { status: PlanStatus; note?: string }>([
  ['pending', { status: 'open' }],
  [
    'in-progress',
    { status: 'open', note: 'in progress in Taskmaster: imported as open, nobody here holds it' },
  ],
  ['review', { status: 'open', note: 'in review in Taskmaster: imported as open' }],
  ['done', { status: 'completed' }],
  ['completed', { status: 'completed' }],
  ['cancelled', { status: 'cancelled' }],
  ['deferred', { status: 'blocked', note: 'deferred in Taskmaster: imported as blocked' }],
  ['blocked', { status: 'blocked' }],
]);

const PRIORITIES = new Map([
  ['critical', 0],
  ['high', 1],
  ['medium', 2],
  ['low', 3],
]);

/** The tag that Taskmaster begins with; its keys have no prefix, as in the files without tags. */
const MAIN_TAG = 'master';

/** Reads tasks.json of claude-task-master, with tags ({master: {tasks}}) or without ({tasks}). */
export function readTaskmaster(root: Tree): Plan {
  if (root.kind !== 'map') throw new PlanError('tasks.json must hold one object', root.line);
  const sheet = makeSheet('taskmaster');
  if (root.fields.get('tasks')?.value.kind === 'list') readTag(root, '', sheet);
  else {
    for (const [tag, { value }] of root.fields) {
      if (value.kind === 'map' && value.fields.has('tasks')) readTag(value, tag, sheet);
    }
  }
  return assemble(sheet);
}

/** A task of the file with its key, before its dependencies can be told apart. */
interface Entry {
  task: MapTree;
  key: string;
  /** What keys of siblings begin with. */
  prefix: string;
}

/** Tags are separate lists: keys of other tags than the main one begin with the tag, and dependencies stay inside. */
function readTag(list: MapTree, tag: string, sheet: Sheet): void {
  const prefix = tagPrefix(tag);
  const entries: Entry[] = [];
  for (const task of listField(list, 'tasks')) readTask(task, { prefix, tag }, { sheet, entries });
  const keys = new Set(entries.map((entry) => entry.key));
  for (const entry of entries) {
    for (const dependency of listField(entry.task, 'dependencies')) {
      const text = textOf(dependency);
      if (text === undefined) throw new PlanError('a dependency must be a number or text', dependency.line);
      const to = cleanKey(resolve(text, entry.prefix, prefix, keys), dependency.line);
      const { key } = entry;
      sheet.edges.push({ from: key, to, type: 'dependency', line: dependency.line, rule: { as: 'order' } });
    }
  }
}

function tagPrefix(tag: string): string {
  return tag === '' || tag === MAIN_TAG ? '' : `${tag}/`;
}

/** A bare number in a subtask means its sibling; without such a sibling, or with a dot, a task of the whole list. */
function resolve(text: string, siblings: string, tag: string, keys: ReadonlySet<string>): string {
  const id = text.trim();
  return !id.includes('.') && keys.has(siblings + id) ? siblings + id : tag + id;
}

function readTask(
  task: Tree,
  place: { prefix: string; tag: string; parent?: string },
  into: { sheet: Sheet; entries: Entry[] },
): void {
  if (task.kind !== 'map') throw new PlanError('a task must be an object', task.line);
  const id = textField(task, 'id');
  if (id === undefined) throw new PlanError('the task has no id', task.line);
  // Some files give a subtask its whole id, '2.1' instead of 1.
  const whole = tagPrefix(place.tag) + id.trim();
  const isWhole = place.parent !== undefined && whole.startsWith(place.prefix);
  const key = cleanKey(isWhole ? whole : place.prefix + id.trim(), task.line);
  const { sheet, entries } = into;
  entries.push({ task, key, prefix: place.prefix });
  const tag = cleanLine(place.tag, 'tag', TITLE_CHARS_MAX, sheet.notes);
  sheet.drafts.push({
    key,
    line: task.line,
    ...cleanTexts(key, textField(task, 'title') ?? '', description(task), sheet.notes),
    priority: priorityOf(task, key, sheet.notes),
    status: statusOf(task, key, sheet.notes),
    ...(tag === '' || tag === MAIN_TAG ? {} : { labels: [tag] }),
    ...(place.parent === undefined ? {} : { parent: place.parent }),
  });
  for (const child of listField(task, 'subtasks')) {
    readTask(child, { prefix: `${key}.`, tag: place.tag, parent: key }, into);
  }
}

function description(task: MapTree): string {
  const parts = [
    ['', 'description'],
    ['## Details\n\n', 'details'],
    ['## Test strategy\n\n', 'testStrategy'],
  ] as const;
  return parts
    .map(([heading, field]) => ({ heading, text: textField(task, field)?.trimEnd() ?? '' }))
    .flatMap(({ heading, text }) => (text === '' ? [] : [heading + text]))
    .join('\n\n');
}

function priorityOf(task: MapTree, key: string, notes: string[]): number {
  const value = valueOf(task, 'priority');
  const priority = value === undefined ? 2 : PRIORITIES.get((textOf(value) ?? '').toLowerCase());
  if (priority === undefined)
    notes.push(`${key}: has a priority other than high, medium, low, imported as 2`);
  return priority ?? 2;
}

function statusOf(task: MapTree, key: string, notes: string[]): PlanStatus {
  const name = textField(task, 'status') ?? 'pending';
  const known = STATUSES.get(name);
  const note =
    known === undefined
      ? `status ${JSON.stringify(name.slice(0, 40))} is unknown: imported as open`
      : known.note;
  if (note !== undefined) notes.push(`${key}: ${note}`);
  return known?.status ?? 'open';
}
