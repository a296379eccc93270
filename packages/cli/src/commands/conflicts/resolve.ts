import { defineCommand, jsonOption } from '../../cli/command.ts';
import { usageFailure } from '../../cli/failure.ts';
import { connectProject, projectOptions } from '../../connection/find-project.ts';
import { printable } from '../../terminal/printable.ts';

export const resolve = defineCommand({
  name: 'conflicts resolve',
  summary: 'Decide a conflict: the option is brought about at once.',
  positionals: [{ name: 'ID', summary: 'see: act conflicts list' }],
  options: {
    choose: { type: 'string', hint: 'OPTION', summary: 'one of its options (required)' },
    ...projectOptions,
    ...jsonOption,
  },
  async run({ values, positionals: [conflictId = ''], output, surroundings }) {
    const { choose } = values;
    if (!choose) throw usageFailure('--choose is missing', 'see: act conflicts list');
    const { command, project } = await connectProject(values, surroundings);
    const what = `conflict ${conflictId} was not resolved`;
    await command(what, 'conflict.resolve', project.id, { conflictId, choose });
    output.json({ conflictId, choice: choose });
    output.line(`resolved: ${printable(choose)}`);
  },
});
