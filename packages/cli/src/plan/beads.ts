import { assemble } from './assemble.ts';
import { makeSheet, type DraftEdge, type Sheet } from './draft.ts';
import { readJson } from './json-tree.ts';
import {
  cleanKey,
  cleanLine,
  cleanList,
  cleanTexts,
  ESTIMATE_MINUTES_MAX,
  TITLE_CHARS_MAX,
} from './limits.ts';
import { PlanError, type Plan, type PlanStatus } from './plan.ts';
import { listField, textField, textsField, valueOf, type MapTree } from './tree.ts';

/** Records that Beads keeps among the issues and that nobody can work on. */
const NOT_WORK = new Map([
  ['message', 'a message, not work'],
  ['agent', 'the record of an agent, not work'],
  ['role', 'the record of a role, not work'],
  ['rig', 'the record of a repository, not work'],
  ['convoy', 'a list that tracks other issues, not work'],
  ['slot', 'a lock, not work'],
  ['event', 'the record of an event, not work'],
]);

/** Words for the report where a status has no equal. */
const STATUSES = new Map<string, { status: PlanStatus; note?: string }>([
  ['open', { status: 'open' }],
  ['closed', { status: 'completed' }],
  ['blocked', { status: 'blocked' }],
  ['in_progress', { status: 'open', note: 'in_progress in Beads: imported as open, nobody here holds it' }],
  ['hooked', { status: 'open', note: 'hooked in Beads: imported as open, nobody here holds it' }],
  ['pinned', { status: 'blocked', note: 'pinned in Beads, which stays open for good: imported as blocked' }],
  ['deferred', { status: 'blocked', note: 'deferred in Beads: imported as blocked' }],
]);

const ORDERS = new Set(['blocks', 'waits-for']);

/** Reads the JSON Lines that `bd export` writes: one issue per line, each with the rows of its dependencies. */
export function readBeads(text: string): Plan {
  const sheet = makeSheet('beads');
  text.split('\n').forEach((line, index) => {
    if (line.trim() === '') return;
    const issue = readJson(line, index + 1);
    if (issue.kind !== 'map') throw new PlanError('a line must be one JSON object', index + 1);
    readIssue(issue, sheet);
  });
  return assemble(sheet);
}

function readIssue(issue: MapTree, sheet: Sheet): void {
  const { line } = issue;
  const id = textField(issue, 'id');
  if (id === undefined) throw new PlanError('the issue has no id', line);
  const key = cleanKey(id, line);
  // Not push(...edges): a call with a few hundred thousand arguments overflows the stack.
  for (const edge of readEdges(issue, key)) sheet.edges.push(edge);
  const reason = whyNotWork(issue);
  if (reason !== undefined) {
    sheet.skipped.push({ what: 'item', key, line, reason });
    return;
  }
  const { notes } = sheet;
  const type = textField(issue, 'issue_type');
  const minutes = valueOf(issue, 'estimated_minutes');
  const labels = cleanList(textsField(issue, 'labels'), `${key}: label`, notes);
  sheet.drafts.push({
    key,
    line,
    ...cleanTexts(key, textField(issue, 'title') ?? '', description(issue), notes),
    ...(type === undefined ? {} : { type: cleanLine(type, `${key}: type`, TITLE_CHARS_MAX, notes) }),
    priority: priorityOf(issue, key, notes),
    status: statusOf(issue, key, notes),
    ...(minutes?.kind === 'number' && minutes.value > 0
      ? { estimateMinutes: Math.min(Math.ceil(minutes.value), ESTIMATE_MINUTES_MAX) }
      : {}),
    ...(labels.length === 0 ? {} : { labels }),
  });
}

function whyNotWork(issue: MapTree): string | undefined {
  if (textField(issue, 'status') === 'tombstone') return 'deleted in Beads (tombstone)';
  const type = textField(issue, 'issue_type') ?? 'task';
  const byType = NOT_WORK.get(type);
  if (byType !== undefined) return `type ${type}: ${byType}`;
  // Newer versions store these records as tasks with a label that carries the type.
  const label = textsField(issue, 'labels').find(
    (text) => text.startsWith('gt:') && NOT_WORK.has(text.slice(3)),
  );
  return label === undefined ? undefined : `label ${label}: ${NOT_WORK.get(label.slice(3))}`;
}

function description(issue: MapTree): string {
  const parts = [
    ['', 'description'],
    ['## Design\n\n', 'design'],
    ['## Acceptance criteria\n\n', 'acceptance_criteria'],
    ['## Notes\n\n', 'notes'],
  ] as const;
  return parts
    .map(([heading, field]) => ({ heading, text: textField(issue, field)?.trimEnd() ?? '' }))
    .flatMap(({ heading, text }) => (text === '' ? [] : [heading + text]))
    .join('\n\n');
}

function priorityOf(issue: MapTree, key: string, notes: string[]): number {
  const priority = Number(textField(issue, 'priority') ?? 2);
  if (Number.isInteger(priority) && priority >= 0 && priority <= 4) return priority;
  notes.push(`${key}: has a priority other than 0 to 4, imported as 2`);
  return 2;
}

function statusOf(issue: MapTree, key: string, notes: string[]): PlanStatus {
  const name = textField(issue, 'status') ?? 'open';
  const known = STATUSES.get(name);
  const note =
    known === undefined
      ? `status ${JSON.stringify(name.slice(0, 40))} is unknown: imported as open`
      : known.note;
  if (note !== undefined) notes.push(`${key}: ${note}`);
  return known?.status ?? 'open';
}

/** The rows, the one that names the issue's own `parent` first, so that it wins over a second parent. */
function readEdges(issue: MapTree, key: string): DraftEdge[] {
  const parent = textField(issue, 'parent');
  const edges = listField(issue, 'dependencies').map((row): DraftEdge => {
    if (row.kind !== 'map') throw new PlanError('a dependency must be a JSON object', row.line);
    const to = textField(row, 'depends_on_id');
    if (to === undefined) throw new PlanError('a dependency has no depends_on_id', row.line);
    const from = cleanKey(textField(row, 'issue_id') ?? key, row.line);
    const type = cleanLine(textField(row, 'type') ?? 'blocks', 'type', TITLE_CHARS_MAX, []);
    return { from, to: cleanKey(to, row.line), type, line: row.line, rule: ruleOf(type) };
  });
  const isParent = (edge: DraftEdge): boolean => edge.rule.as === 'parent';
  if (parent !== undefined && !edges.some(isParent)) {
    const to = cleanKey(parent, issue.line);
    return [{ from: key, to, type: 'parent', line: issue.line, rule: { as: 'parent' } }, ...edges];
  }
  const isOwn = (edge: DraftEdge): boolean => isParent(edge) && edge.to === parent;
  return [...edges.filter(isOwn), ...edges.filter((edge) => !isOwn(edge))];
}

function ruleOf(type: string): DraftEdge['rule'] {
  if (ORDERS.has(type)) return { as: 'order' };
  if (type === 'parent-child') return { as: 'parent' };
  if (type === 'conditional-blocks')
    return { as: 'none', reason: 'runs only if the other fails, which a plan here cannot say' };
  return { as: 'none', reason: `${type} is a note, not an order` };
}
