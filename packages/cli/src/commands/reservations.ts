import type { Group } from '../cli/command.ts';

export const reservations: Group = {
  kind: 'group',
  name: 'reservations',
  summary: 'Regions of files that agents reserved.',
  entries: {
    list: {
      summary: 'who has what, who waits',
      load: async () => (await import('./reservations/list.ts')).list,
    },
    force: {
      summary: 'end one, with a reason',
      load: async () => (await import('./reservations/force.ts')).force,
    },
  },
};
