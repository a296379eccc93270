import type { Task } from '@agentmix/act-client';
import { envelope, TASK_STATUSES, taskPart } from '@agentmix/act-contract';
import { legend, pagesOfTasks } from '../../board/tasks.ts';
import { defineCommand, jsonOption, wholeNumber } from '../../cli/command.ts';
import type { OptionDefinitions } from '../../cli/command.ts';
import { usageFailure } from '../../cli/failure.ts';
import { connectProject, projectOptions } from '../../connection/find-project.ts';
import { findPhaseId, findTask } from './find-task.ts';
import { taskDetails, taskLine } from './task-line.ts';

const NAMED_MAX = 64;
const envelopeOption = {
  envelope: { type: 'boolean', summary: 'for a model: as text that is marked as words of others' },
} as const satisfies OptionDefinitions;

export const list = defineCommand({
  name: 'task list',
  summary: 'Tasks in the order in which they were created.',
  options: {
    status: { type: 'string', hint: TASK_STATUSES.join('|'), summary: 'only these' },
    phase: { type: 'string', hint: 'KEY|ID', summary: 'only those of this phase' },
    limit: { type: 'string', hint: 'N', summary: 'at most so many' },
    ...envelopeOption,
    ...projectOptions,
    ...jsonOption,
  },
  async run({ values, output, surroundings }) {
    const limit = wholeNumber(values.limit, 'limit', 1, 1_000_000) ?? Infinity;
    const status = TASK_STATUSES.find((one) => one === values.status);
    if (values.status !== undefined && status === undefined)
      throw usageFailure(`--status is one of ${TASK_STATUSES.join(', ')}`);
    const connection = await connectProject(values, surroundings);
    const filter = {
      ...(status === undefined ? {} : { status }),
      ...(values.phase === undefined ? {} : { phaseId: await findPhaseId(connection, values.phase) }),
    };
    const tasks: Task[] = [];
    for await (const page of pagesOfTasks(connection, connection.project.id, filter)) {
      const shown = page.slice(0, limit - tasks.length);
      if (!values.envelope) output.line(...shown.map((task) => taskLine(task, output)));
      tasks.push(...shown);
      if (tasks.length >= limit) break;
    }
    output.json({ tasks });
    if (values.envelope) output.line(envelope(tasks.map(taskPart)));
    else output.line(tasks.length === 0 ? 'no task' : legend(output.style));
  },
});

export const show = defineCommand({
  name: 'task show',
  summary: 'Everything about one task.',
  positionals: [{ name: 'TASK', summary: 'key or id' }],
  options: { ...envelopeOption, ...projectOptions, ...jsonOption },
  async run({ values, positionals: [wanted = ''], output, surroundings }) {
    const connection = await connectProject(values, surroundings);
    const { project, hub } = connection;
    const task = await findTask(connection, wanted);
    output.json({ task });
    if (values.envelope) output.line(envelope([taskPart(task)]));
    if (output.isJson || values.envelope) return;
    const others = await Promise.all(
      task.dependencies.slice(0, NAMED_MAX).map((taskId) => hub.query('task.get', project.id, { taskId })),
    );
    const names = new Map(others.flatMap((result) => (result.ok ? [[result.value.id, result.value]] : [])));
    output.line(...taskDetails(task, names, output));
  },
});
