import type { Task } from '@agentmix/act-client';
import { settledText } from '@agentmix/act-contract';
import { glyph, nameOf } from '../../board/tasks.ts';
import type { Output } from '../../cli/output.ts';
import { printable, printableLines } from '../../terminal/printable.ts';
import { alignColumns } from '../../terminal/columns.ts';
import { fit } from '../../terminal/width.ts';

const HEAD_COLUMNS = 30;

/** A task in one line: glyph, key, title. */
export const taskLine = (task: Task, { style, columns }: Output): string =>
  `${glyph(task.status, style)} ${style.bold(nameOf(task))}  ${fit(printable(task.title), columns() - HEAD_COLUMNS)}`;

/** A task with everything that is known of it. */
export const taskDetails = (task: Task, names: ReadonlyMap<string, Task>, { style }: Output): string[] => {
  const waits = task.dependencies.map((id) => {
    const other = names.get(id);
    return other ? `${glyph(other.status, style)} ${nameOf(other)}` : id;
  });
  const rows: [string, string | undefined][] = [
    ['id', task.id],
    [
      'status',
      task.blockedReason === undefined ? task.status : `${task.status}: ${printable(task.blockedReason)}`,
    ],
    ['perhaps done', task.settled && settledText(task.settled)],
    ['type', printable(task.type)],
    ['priority', `P${task.priority}`],
    ['estimate', task.estimatedTime === undefined ? undefined : `${task.estimatedTime} min`],
    ['needs', task.requires.map(({ name, level }) => printable(`${name}:${level}`)).join(', ')],
    ['files', printable(task.filePaths.join('  '))],
    ['waits for', waits.join('  ')],
    ['agent', task.assignedAgentId],
    ['attempts', task.attempts > 0 ? String(task.attempts) : undefined],
    ['progress', task.percent === undefined ? undefined : `${task.percent} %`],
    ['note', task.note === undefined ? undefined : printable(task.note)],
    ['checkpoint', task.checkpoint === undefined ? undefined : printable(JSON.stringify(task.checkpoint))],
    ['result', task.result === undefined ? undefined : printable(JSON.stringify(task.result))],
  ];
  const known = rows.filter((row): row is [string, string] => row[1] !== undefined && row[1] !== '');
  return [
    `${glyph(task.status, style)} ${style.bold(nameOf(task))}  ${printable(task.title)}`,
    ...alignColumns(known.map(([name, value]) => [`  ${style.dim(name)}`, value])),
    ...(task.description === undefined
      ? []
      : ['', ...printableLines(task.description).map((line) => `  ${line}`)]),
  ];
};
