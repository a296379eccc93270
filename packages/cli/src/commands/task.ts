import type { Command, Entry, Group } from '../cli/command.ts';

const from = <M>(summary: string, module: () => Promise<M>, pick: (loaded: M) => Command): Entry => ({
  summary,
  load: async () => pick(await module()),
});
const read = () => import('./task/read.ts');
const write = () => import('./task/write.ts');
const hold = () => import('./task/hold.ts');

export const task: Group = {
  kind: 'group',
  name: 'task',
  summary: 'Look at tasks, change them, and do them by hand.',
  entries: {
    list: from('tasks, by status or phase', read, (m) => m.list),
    show: from('everything about one', read, (m) => m.show),
    create: from('create one', write, (m) => m.create),
    update: from('change what one says', write, (m) => m.update),
    depend: from('let one wait for another', write, (m) => m.depend),
    next: from('claim the best ready one', hold, (m) => m.next),
    claim: from('claim a certain one', hold, (m) => m.claim),
    progress: from('report how far a held one is', hold, (m) => m.progress),
    complete: from('complete a held one', hold, (m) => m.complete),
    fail: from('give a held one back as failed', hold, (m) => m.fail),
    release: from('give a held one back unfinished', hold, (m) => m.release),
    block: from('say that a held one cannot go on', hold, (m) => m.block),
    unblock: from('let a blocked one go on', write, (m) => m.unblock),
    cancel: from('cancel one', write, (m) => m.cancel),
    confirm: from('say that one is still needed', write, (m) => m.confirm),
    retry: from('take up a parked one again', write, (m) => m.retry),
  },
};
