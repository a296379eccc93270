import { defineCommand, jsonOption } from '../../cli/command.ts';
import { usageFailure } from '../../cli/failure.ts';
import { connectProject, projectOptions } from '../../connection/find-project.ts';

export const force = defineCommand({
  name: 'reservations force',
  summary: 'End the reservation of an agent; it is told why.',
  positionals: [{ name: 'ID', summary: 'see: act reservations list' }],
  options: {
    reason: { type: 'string', summary: 'why (required)' },
    ...projectOptions,
    ...jsonOption,
  },
  async run({ values, positionals: [id = ''], output, surroundings }) {
    const { reason } = values;
    if (!reason) throw usageFailure('--reason is missing', 'the holder is told');
    const { command, project } = await connectProject(values, surroundings);
    const what = `reservation ${id} was not ended`;
    const done = await command(what, 'reservation.force', project.id, { reservationIds: [id], reason });
    output.json(done);
    output.line(`ended ${id}`);
  },
});
