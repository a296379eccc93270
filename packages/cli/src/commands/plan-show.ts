import type { Task } from '@agentmix/act-client';
import { defineCommand, jsonOption } from '../cli/command.ts';
import type { Output } from '../cli/output.ts';
import { groupBy } from '../board/group-by.ts';
import { glyph, legend, nameOf, pagesOfTasks } from '../board/tasks.ts';
import type { Phase, Snapshot } from '../board/tasks.ts';
import { connectProject, projectOptions } from '../connection/find-project.ts';
import { bar } from '../terminal/bar.ts';
import { printable } from '../terminal/printable.ts';
import type { Style } from '../terminal/style.ts';
import { fit, padEnd, widthOf } from '../terminal/width.ts';

const NAMED_MAX = 3;
const KEY_COLUMNS_MAX = 24;
const BAR_COLUMNS = 12;

interface Tree {
  readonly phases: readonly Phase[];
  readonly byPhase: ReadonlyMap<string | undefined, readonly Task[]>;
  readonly byId: ReadonlyMap<string, Task>;
}

const isOver = ({ status }: Pick<Task, 'status'>): boolean =>
  status === 'completed' || status === 'cancelled';

const treeOf = (snapshot: Snapshot, tasks: readonly Task[]): Tree => ({
  phases: snapshot.phases,
  byPhase: groupBy(tasks, ({ phaseId }) => phaseId),
  byId: new Map(tasks.map((task) => [task.id, task])),
});

const few = (names: readonly string[]): string =>
  names.length <= NAMED_MAX
    ? names.join(', ')
    : `${names.slice(0, NAMED_MAX).join(', ')} +${names.length - NAMED_MAX}`;

const stateOf = (task: Task, tree: Tree): string => {
  const waits = task.dependencies.flatMap((id) => {
    const other = tree.byId.get(id);
    return other && !isOver(other) ? [nameOf(other)] : [];
  });
  switch (task.status) {
    case 'claimed':
      return `${task.assignedAgentId ?? '?'}${task.percent === undefined ? '' : ` ${task.percent} %`}`;
    case 'pending':
      return waits.length > 0 ? `waits for ${few(waits)}` : 'waits for its phase';
    case 'blocked':
    case 'failed':
      return printable(task.blockedReason ?? task.status);
    case 'completed':
      return task.assignedAgentId ?? '';
    case 'ready':
    case 'cancelled':
      return '';
  }
};

const taskLine = (task: Task, tree: Tree, keyColumns: number, columns: number, style: Style): string => {
  const state = fit(stateOf(task, tree), Math.floor(columns * 0.4));
  const key = padEnd(fit(nameOf(task), keyColumns), keyColumns);
  const room = columns - keyColumns - 6 - (state === '' ? 0 : widthOf(state) + 2);
  return `  ${glyph(task.status, style)} ${style.bold(key)}  ${fit(printable(task.title), room)}${state === '' ? '' : `  ${style.dim(state)}`}`;
};

const phaseLine = (phase: Phase, tasks: readonly Task[], tree: Tree, style: Style): string => {
  const done = tasks.filter(isOver).length;
  const drawn = bar(
    [
      { value: done, mark: '█', paint: style.green },
      { value: tasks.length - done, mark: '░', paint: style.dim },
    ],
    BAR_COLUMNS,
    style,
  );
  const names = new Map(tree.phases.map(({ id, name, status }) => [id, { name, status }]));
  const waits = phase.dependencies.flatMap((id) => {
    const other = names.get(id);
    return other?.status === 'active' ? [printable(other.name)] : [];
  });
  const state =
    phase.status === 'completed'
      ? style.green('✓')
      : waits.length > 0
        ? style.dim(`waits for ${few(waits)}`)
        : '';
  return `${style.bold(fit(printable(phase.name), 40))}  ${drawn} ${done}/${tasks.length} ${state}`.trimEnd();
};

const printTree = (tree: Tree, isOpenOnly: boolean, output: Output): void => {
  const { style } = output;
  const columns = output.columns();
  const keyColumns = Math.min(
    KEY_COLUMNS_MAX,
    Math.max(4, ...[...tree.byId.values()].map((task) => widthOf(nameOf(task)))),
  );
  const print = (tasks: readonly Task[]): void => {
    const shown = isOpenOnly ? tasks.filter((task) => !isOver(task)) : tasks;
    output.line(...shown.map((task) => taskLine(task, tree, keyColumns, columns, style)));
  };
  for (const phase of tree.phases) {
    const tasks = tree.byPhase.get(phase.id) ?? [];
    if (isOpenOnly && tasks.every(isOver)) continue;
    output.line(phaseLine(phase, tasks, tree, style));
    print(tasks);
  }
  const loose = tree.byPhase.get(undefined) ?? [];
  if (loose.length > 0 && tree.phases.length > 0) output.line(style.bold('in no phase'));
  print(loose);
};

export const planShow = defineCommand({
  name: 'plan show',
  summary:
    'The project as a tree: phases with their progress, tasks with who holds them and what they wait for.',
  options: {
    open: { type: 'boolean', summary: 'only what is not completed or cancelled' },
    ...projectOptions,
    ...jsonOption,
  },
  examples: ['act plan show', 'act plan show --open | less -R'],
  async run({ values, output, surroundings }) {
    const connection = await connectProject(values, surroundings);
    const { project } = connection;
    const snapshot = await connection.query('the project', 'project.snapshot', project.id, {});
    const tasks: Task[] = [];
    for await (const page of pagesOfTasks(connection, project.id)) tasks.push(...page);
    output.json({ project: snapshot.project, phases: snapshot.phases, tasks });
    const done = tasks.filter(isOver).length;
    output.line(`${output.style.bold(printable(project.name))}  ${done} of ${tasks.length} tasks done`, '');
    printTree(treeOf(snapshot, tasks), values.open ?? false, output);
    if (tasks.length === 0)
      output.line(output.asCalled('no task yet: act plan import FILE, or act task create TITLE'));
    else output.line('', legend(output.style));
  },
});
