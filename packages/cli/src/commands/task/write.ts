import type { CommandArguments } from '@agentmix/act-client';
import { capabilities, defineCommand, jsonOption, wholeNumber } from '../../cli/command.ts';
import type { OptionDefinitions, Values } from '../../cli/command.ts';
import { usageFailure } from '../../cli/failure.ts';
import { connectProject, projectOptions } from '../../connection/find-project.ts';
import { printable } from '../../terminal/printable.ts';
import { findPhaseId, findTask } from './find-task.ts';

const bodyOptions = {
  description: { type: 'string', summary: 'what is to be done' },
  type: { type: 'string', summary: 'task, bug, feature, …' },
  priority: { type: 'string', hint: '0-4', summary: '0 is the most urgent; 2 when not given' },
  estimate: { type: 'string', hint: 'MINUTES', summary: 'how long it takes' },
  complexity: { type: 'string', hint: 'N', summary: 'score from 0 to 1000' },
  requires: { type: 'string', multiple: true, hint: 'SKILL:LEVEL', summary: 'who may do it' },
  file: { type: 'string', multiple: true, hint: 'PATH', summary: 'a file it will touch' },
} as const satisfies OptionDefinitions;

type Body = Pick<
  CommandArguments<'task.update'>,
  'description' | 'type' | 'priority' | 'estimatedTime' | 'complexityScore' | 'requires' | 'filePaths'
>;

const bodyOf = (values: Values<typeof bodyOptions>): Body => {
  const priority = wholeNumber(values.priority, 'priority', 0, 4);
  const estimatedTime = wholeNumber(values.estimate, 'estimate', 1, 525_600);
  const complexityScore = wholeNumber(values.complexity, 'complexity', 0, 1_000);
  const requires = capabilities(values.requires);
  return {
    ...(values.description === undefined ? {} : { description: values.description }),
    ...(values.type === undefined ? {} : { type: values.type }),
    ...(priority === undefined ? {} : { priority }),
    ...(estimatedTime === undefined ? {} : { estimatedTime }),
    ...(complexityScore === undefined ? {} : { complexityScore }),
    ...(requires === undefined ? {} : { requires }),
    ...(values.file === undefined ? {} : { filePaths: [...values.file] }),
  };
};

export const create = defineCommand({
  name: 'task create',
  summary: 'Create a task.',
  positionals: [{ name: 'TITLE', summary: 'one line' }],
  options: {
    key: { type: 'string', summary: 'a name of your own for it, unique in the project' },
    phase: { type: 'string', hint: 'KEY|ID', summary: 'the phase it belongs to' },
    'depends-on': { type: 'string', multiple: true, hint: 'TASK', summary: 'what it waits for' },
    ...bodyOptions,
    ...projectOptions,
    ...jsonOption,
  },
  examples: ['act task create "Write the login page" --key login --requires react:2 --depends-on api'],
  async run({ values, positionals: [title = ''], output, surroundings }) {
    const body = bodyOf(values);
    const connection = await connectProject(values, surroundings);
    const { project, command } = connection;
    const dependencies: string[] = [];
    for (const wanted of values['depends-on'] ?? [])
      dependencies.push((await findTask(connection, wanted)).id);
    const { taskId } = await command('the task was not created', 'task.create', project.id, {
      title,
      ...body,
      ...(values.key === undefined ? {} : { key: values.key }),
      ...(values.phase === undefined ? {} : { phaseId: await findPhaseId(connection, values.phase) }),
      dependencies,
    });
    output.json({ taskId });
    output.line(`created ${printable(values.key ?? taskId)}`);
  },
});

export const update = defineCommand({
  name: 'task update',
  summary: 'Change what a task says.',
  positionals: [{ name: 'TASK', summary: 'key or id' }],
  options: {
    title: { type: 'string', summary: 'another title' },
    ...bodyOptions,
    ...projectOptions,
    ...jsonOption,
  },
  async run({ values, positionals: [wanted = ''], output, surroundings }) {
    const body = { ...bodyOf(values), ...(values.title === undefined ? {} : { title: values.title }) };
    if (Object.keys(body).length === 0)
      throw usageFailure('there is nothing to change', 'see: act task update --help');
    const connection = await connectProject(values, surroundings);
    const task = await findTask(connection, wanted);
    const { project, command } = connection;
    await command('the task was not changed', 'task.update', project.id, { taskId: task.id, ...body });
    output.json({ taskId: task.id, changed: Object.keys(body) });
    output.line(`changed ${printable(wanted)}: ${Object.keys(body).join(', ')}`);
  },
});

export const depend = defineCommand({
  name: 'task depend',
  summary: 'Let a task wait for another one; or, with --remove, no longer.',
  positionals: [
    { name: 'TASK', summary: 'key or id of the one that waits' },
    { name: 'ON', summary: 'key or id of the one it waits for' },
  ],
  options: {
    remove: { type: 'boolean', summary: 'it no longer waits' },
    ...projectOptions,
    ...jsonOption,
  },
  async run({ values, positionals: [waiting = '', awaited = ''], output, surroundings }) {
    const connection = await connectProject(values, surroundings);
    const { project, command } = connection;
    const input = {
      taskId: (await findTask(connection, waiting)).id,
      dependsOn: (await findTask(connection, awaited)).id,
    };
    const name = values.remove ? 'dependency.remove' : 'dependency.add';
    await command('the dependency was not changed', name, project.id, input);
    output.json({ ...input, removed: values.remove ?? false });
    output.line(
      `${printable(waiting)} ${values.remove ? 'no longer waits' : 'waits'} for ${printable(awaited)}`,
    );
  },
});

/** Commands that name a task and say at most why. */
const simple = (
  verb: 'unblock' | 'cancel' | 'retry' | 'confirm',
  name: 'task.unblock' | 'task.cancel' | 'task.retry' | 'task.confirm',
  summary: string,
  done: string,
) =>
  defineCommand({
    name: `task ${verb}`,
    summary,
    positionals: [{ name: 'TASK', summary: 'key or id' }],
    options: {
      ...(name === 'task.cancel' ? { reason: { type: 'string', summary: 'why' } } : {}),
      ...projectOptions,
      ...jsonOption,
    } as const,
    async run({ values, positionals: [wanted = ''], output, surroundings }) {
      const connection = await connectProject(values, surroundings);
      const task = await findTask(connection, wanted);
      const reason = 'reason' in values && typeof values.reason === 'string' ? { reason: values.reason } : {};
      await connection.command(`${wanted} cannot be ${done}`, name, connection.project.id, {
        taskId: task.id,
        ...reason,
      });
      output.json({ taskId: task.id, [done]: true });
      output.line(`${done} ${printable(wanted)}`);
    },
  });

export const unblock = simple('unblock', 'task.unblock', 'Let a blocked task be claimed again.', 'unblocked');
export const cancel = simple(
  'cancel',
  'task.cancel',
  'Cancel a task; what waits for it no longer does.',
  'cancelled',
);
export const retry = simple(
  'retry',
  'task.retry',
  'Take up a parked task again, with all its attempts.',
  'retried',
);
export const confirm = simple(
  'confirm',
  'task.confirm',
  'Say that a task is still needed, although a commit looks as if it had done it.',
  'confirmed',
);
