import type { Group } from '../cli/command.ts';

export const plan: Group = {
  kind: 'group',
  name: 'plan',
  summary: 'Import a plan file, show the plan of a project.',
  entries: {
    import: {
      summary: 'bring the tasks of a plan file into a project',
      load: async () => (await import('./plan-import.ts')).planImport,
    },
    show: {
      summary: 'the project as a tree of phases and tasks',
      load: async () => (await import('./plan-show.ts')).planShow,
    },
  },
};
