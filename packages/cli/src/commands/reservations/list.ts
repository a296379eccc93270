import type { Reservation } from '@agentmix/act-contract';
import { PAGE_ITEMS_MAX } from '@agentmix/act-contract';
import { defineCommand, jsonOption } from '../../cli/command.ts';
import { connectProject, projectOptions } from '../../connection/find-project.ts';
import { alignColumns } from '../../terminal/columns.ts';
import { placeOf } from './place.ts';

export const list = defineCommand({
  name: 'reservations list',
  summary: 'Who has reserved what, and who waits.',
  options: {
    path: { type: 'string', summary: 'only of this file' },
    agent: { type: 'string', hint: 'NAME', summary: 'only of this agent' },
    ...projectOptions,
    ...jsonOption,
  },
  async run({ values, output, surroundings }) {
    const { query, project } = await connectProject(values, surroundings);
    const { path, agent } = values;
    const filter = {
      ...(path === undefined ? {} : { path }),
      ...(agent === undefined ? {} : { agentId: agent }),
    };
    const reservations: Reservation[] = [];
    let after: string | undefined;
    do {
      const page = await query('the reservations', 'reservation.list', project.id, {
        limit: PAGE_ITEMS_MAX,
        ...filter,
        ...(after === undefined ? {} : { after }),
      });
      reservations.push(...page.items);
      after = page.next;
    } while (after !== undefined);
    output.json({ reservations });
    if (reservations.length === 0) output.line('nothing is reserved');
    output.line(
      ...alignColumns(
        reservations.map((one) => [
          one.id,
          one.agentId,
          one.status === 'queued' ? 'waits' : one.mode,
          placeOf(one),
          one.renewedAt,
        ]),
      ),
    );
  },
});
