import type { Group } from '../cli/command.ts';

export const audit: Group = {
  kind: 'group',
  name: 'audit',
  summary: 'Verify, export and sign off the log of a project.',
  entries: {
    verify: {
      summary: 'check the chain, and that it continues what was seen before',
      load: async () => (await import('./audit/verify.ts')).verify,
    },
    export: {
      summary: 'the log as JSON lines',
      load: async () => (await import('./audit/export.ts')).exportLog,
    },
    head: {
      summary: 'the signed end of the log',
      load: async () => (await import('./audit/head.ts')).head,
    },
  },
};
