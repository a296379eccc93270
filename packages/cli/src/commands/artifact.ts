import type { Command, Entry, Group } from '../cli/command.ts';

const from = <M>(summary: string, module: () => Promise<M>, pick: (loaded: M) => Command): Entry => ({
  summary,
  load: async () => pick(await module()),
});

export const artifact: Group = {
  kind: 'group',
  name: 'artifact',
  summary: 'Files that are handed over: patches, logs, snapshots.',
  entries: {
    put: from(
      'hand a file over to the project',
      () => import('./artifact/put.ts'),
      (m) => m.put,
    ),
    get: from(
      'fetch one',
      () => import('./artifact/get.ts'),
      (m) => m.get,
    ),
    list: from(
      'what is there',
      () => import('./artifact/list.ts'),
      (m) => m.list,
    ),
    delete: from(
      'delete one for good',
      () => import('./artifact/delete.ts'),
      (m) => m.remove,
    ),
    rewrap: from(
      'after a new master key: encrypt all data keys by it',
      () => import('./artifact/rewrap.ts'),
      (m) => m.rewrap,
    ),
  },
};
