import type { Group } from '../cli/command.ts';

export const privacy: Group = {
  kind: 'group',
  name: 'privacy',
  summary: 'What is kept of a member, and its erasure.',
  entries: {
    export: {
      summary: 'everything about a member',
      load: async () => (await import('./privacy/export.ts')).exportMember,
    },
    erase: {
      summary: 'erase a member’s name and messages',
      load: async () => (await import('./privacy/erase.ts')).erase,
    },
  },
};
