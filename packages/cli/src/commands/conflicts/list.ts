import type { Conflict } from '@agentmix/act-contract';
import { PAGE_ITEMS_MAX } from '@agentmix/act-contract';
import { defineCommand, jsonOption } from '../../cli/command.ts';
import type { Output } from '../../cli/output.ts';
import { connectProject, projectOptions } from '../../connection/find-project.ts';
import { printable } from '../../terminal/printable.ts';

const print = ({ id, conflictType, description, question, deadline }: Conflict, output: Output): void => {
  output.line(`${id} ${conflictType.replaceAll('_', ' ')}: ${printable(description)}`);
  if (!question) return;
  output.line(`  ${printable(question.reason)}; decide until ${deadline}`);
  for (const option of question.options) {
    const isDefault = option.id === question.safeDefault;
    output.line(`  ${printable(option.id)}: ${printable(option.summary)}${isDefault ? ' (else this)' : ''}`);
  }
};

export const list = defineCommand({
  name: 'conflicts list',
  summary: 'Conflicts that wait for a decision, with what there is to choose from.',
  options: {
    all: { type: 'boolean', summary: 'resolved ones too' },
    ...projectOptions,
    ...jsonOption,
  },
  async run({ values, output, surroundings }) {
    const { query, project } = await connectProject(values, surroundings);
    const conflicts: Conflict[] = [];
    let after: string | undefined;
    do {
      const page = await query('the conflicts', 'conflict.list', project.id, {
        limit: PAGE_ITEMS_MAX,
        ...(after === undefined ? {} : { after }),
      });
      conflicts.push(...page.items.filter(({ status }) => values.all || status === 'open'));
      after = page.next;
    } while (after !== undefined);
    output.json({ conflicts });
    if (conflicts.length === 0) output.line('no conflict waits for a decision');
    for (const conflict of conflicts) print(conflict, output);
  },
});
