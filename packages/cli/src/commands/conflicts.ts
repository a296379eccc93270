import type { Group } from '../cli/command.ts';

export const conflicts: Group = {
  kind: 'group',
  name: 'conflicts',
  summary: 'Conflicts between agents, and decisions about them.',
  entries: {
    list: {
      summary: 'what waits for a decision',
      load: async () => (await import('./conflicts/list.ts')).list,
    },
    resolve: {
      summary: 'choose an option',
      load: async () => (await import('./conflicts/resolve.ts')).resolve,
    },
  },
};
