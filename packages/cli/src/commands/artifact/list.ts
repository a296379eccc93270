import type { Artifact } from '@agentmix/act-client';
import { PAGE_ITEMS_MAX } from '@agentmix/act-contract';
import { defineCommand, jsonOption } from '../../cli/command.ts';
import { connectProject, projectOptions } from '../../connection/find-project.ts';
import { alignColumns } from '../../terminal/columns.ts';
import { printable } from '../../terminal/printable.ts';
import { fit } from '../../terminal/width.ts';
import { findTask } from '../task/find-task.ts';

const NAME_COLUMNS_MAX = 60;

export const list = defineCommand({
  name: 'artifact list',
  summary: 'Files that were handed over, oldest first.',
  options: {
    task: { type: 'string', hint: 'TASK', summary: 'only those of this task' },
    ...projectOptions,
    ...jsonOption,
  },
  async run({ values, output, surroundings }) {
    const connection = await connectProject(values, surroundings);
    const { query, project } = connection;
    const filter = values.task === undefined ? {} : { taskId: (await findTask(connection, values.task)).id };
    const artifacts: Artifact[] = [];
    let after: string | undefined;
    do {
      const page = await query('the files', 'artifact.list', project.id, {
        limit: PAGE_ITEMS_MAX,
        ...filter,
        ...(after === undefined ? {} : { after }),
      });
      artifacts.push(...page.items);
      after = page.next;
    } while (after !== undefined);
    output.json({ artifacts });
    if (artifacts.length === 0) output.line('no file');
    output.line(
      ...alignColumns(
        artifacts.map(({ id, name, bytes, agentId = '' }) => [
          id,
          fit(printable(name), NAME_COLUMNS_MAX),
          String(bytes),
          agentId,
        ]),
        new Set([2]),
      ),
    );
  },
});
