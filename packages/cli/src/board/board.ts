import type { Task } from '@agentmix/act-client';
import { bar } from '../terminal/bar.ts';
import { alignColumns } from '../terminal/columns.ts';
import { plural } from '../terminal/plural.ts';
import { printable } from '../terminal/printable.ts';
import type { Style } from '../terminal/style.ts';
import { spanText } from '../terminal/time.ts';
import { fit, padEnd, widthOf } from '../terminal/width.ts';
import { groupBy } from './group-by.ts';
import { glyph, nameOf, paintOf } from './tasks.ts';
import type { Agent, Snapshot } from './tasks.ts';

const AGENTS_MAX = 20;
const ROWS_MAX = 10;
const NEXT_MAX = 5;
const KEY_COLUMNS_MAX = 22;
const STATUSES = ['completed', 'claimed', 'ready', 'pending', 'blocked', 'failed', 'cancelled'] as const;

export interface BoardOptions {
  readonly columns: number;
  readonly style: Style;
  /** Epoch milliseconds by the hub's clock. */
  readonly now: number;
}

const since = (iso: string | undefined, now: number): string =>
  iso === undefined ? '' : spanText(now - Date.parse(iso));

const more = (total: number, shown: number, style: Style): string[] =>
  total > shown ? [style.dim(`  … ${total - shown} more`)] : [];

const section = (title: string, lines: readonly string[], style: Style): string[] =>
  lines.length === 0 ? [] : ['', style.bold(title), ...lines];

const head = ({ project, counts }: Snapshot, { columns, style }: BoardOptions): string[] => {
  const total = STATUSES.reduce((sum, status) => sum + counts[status], 0);
  const over = counts.completed + counts.cancelled;
  const share = total === 0 ? '' : `${Math.floor((over / total) * 100)} %`;
  const segments = STATUSES.map((status) => ({
    value: counts[status],
    mark: status === 'pending' || status === 'cancelled' ? '░' : status === 'ready' ? '▒' : '█',
    paint: paintOf(status, style),
  }));
  const words = STATUSES.filter((status) => counts[status] > 0 || status === 'completed').map(
    (status) => `${glyph(status, style)} ${counts[status]} ${status}`,
  );
  const state = project.status === 'archived' ? style.dim('  archived') : '';
  return [
    `${style.bold(fit(printable(project.name), columns - 30))}${state}  ${style.dim(`${plural(total, 'task')}, log at ${project.seq}`)}`,
    `${bar(segments, columns - 6, style)} ${share}`,
    words.join('  '),
  ];
};

const RANKS = { working: 0, idle: 1, offline: 2 } as const;

const agentRow = (agent: Agent, held: readonly Task[], { now, style }: BoardOptions): string[] => {
  const paint = { working: style.yellow, idle: style.green, offline: style.dim }[agent.status];
  const [task] = held;
  const holds = task ? `${nameOf(task)}${held.length > 1 ? ` +${held.length - 1}` : ''}` : '';
  return [
    `  ${printable(agent.id)}`,
    style.dim(printable(agent.kind ?? '')),
    paint(agent.status),
    fit(holds, KEY_COLUMNS_MAX),
    task ? `begun ${since(task.startedAt, now)} ago` : '',
    style.dim(`seen ${since(agent.lastSeen, now)} ago`),
  ];
};

const agentLines = ({ agents, tasks }: Snapshot, options: BoardOptions): string[] => {
  const held = groupBy(
    tasks.filter(({ status }) => status === 'claimed'),
    ({ assignedAgentId }) => assignedAgentId,
  );
  const sorted = agents.toSorted(
    (a, b) => RANKS[a.status] - RANKS[b.status] || b.lastSeen.localeCompare(a.lastSeen),
  );
  return [
    ...alignColumns(
      sorted.slice(0, AGENTS_MAX).map((agent) => agentRow(agent, held.get(agent.id) ?? [], options)),
    ),
    ...more(agents.length, AGENTS_MAX, options.style),
  ];
};

/** One line a task: name, title, and what is to be said of it on the right. */
const taskLines = (
  tasks: readonly Task[],
  rowsMax: number,
  say: (task: Task) => string,
  { columns, style }: BoardOptions,
): string[] => {
  const shown = tasks.slice(0, rowsMax);
  const keyColumns = Math.min(KEY_COLUMNS_MAX, Math.max(0, ...shown.map((task) => widthOf(nameOf(task)))));
  return [
    ...shown.map((task) => {
      const said = fit(say(task), Math.floor(columns * 0.45));
      const room = columns - keyColumns - 6 - (said === '' ? 0 : widthOf(said) + 2);
      const title = fit(printable(task.title), room);
      return `  ${glyph(task.status, style)} ${padEnd(fit(nameOf(task), keyColumns), keyColumns)}  ${said === '' ? title : `${padEnd(title, room)}  ${style.dim(said)}`}`;
    }),
    ...more(tasks.length, rowsMax, style),
  ];
};

const inHand = (task: Task, now: number): string =>
  [
    task.assignedAgentId ?? '',
    task.percent === undefined ? since(task.startedAt, now) : `${task.percent} %`,
    printable(task.note ?? ''),
  ]
    .filter(Boolean)
    .join(' · ');

const wants = ({ priority, requires, attempts, checkpoint }: Task): string =>
  [
    `P${priority}`,
    requires.map(({ name, level }) => printable(level > 1 ? `${name}:${level}` : name)).join(' '),
    attempts > 0 ? `tried ${attempts}×` : '',
    checkpoint ? 'has a checkpoint' : '',
  ]
    .filter(Boolean)
    .join(' · ');

/** The whole project at a glance. Every text that others wrote is shown printable. */
export const renderBoard = (snapshot: Snapshot, options: BoardOptions): string[] => {
  const { style, now } = options;
  const of = (status: Task['status']): Task[] => snapshot.tasks.filter((task) => task.status === status);
  const ready = of('ready').toSorted((a, b) => a.priority - b.priority);
  const reason = (task: Task): string => printable(task.blockedReason ?? '');
  return [
    ...head(snapshot, options),
    ...section('Agents', agentLines(snapshot, options), style),
    ...section(
      'In hand',
      taskLines(of('claimed'), ROWS_MAX, (task) => inHand(task, now), options),
      style,
    ),
    ...section('Ready', taskLines(ready, NEXT_MAX, wants, options), style),
    ...section('Parked, waiting for a human', taskLines(of('failed'), ROWS_MAX, reason, options), style),
    ...section('Blocked', taskLines(of('blocked'), ROWS_MAX, reason, options), style),
  ];
};
