import { expect, it } from 'vitest';
import { given, happened as h, id } from '../../testing/src/given.ts';
import { noChanges } from './changes.ts';
import { evolve } from './evolve.ts';

const ready = { type: 'task.ready', priority: 'medium', data: { taskId: id(99) } } as const;

it('throws on an event out of its place: the log is broken', () => {
  const { state } = given(h.project());
  for (const seq of [1, 3])
    expect(() => evolve(state, { ...ready, seq }, 0, noChanges())).toThrow(/event \d after 1/);
});

it('throws on an event about a task that is not there: the log is broken', () => {
  const { state } = given(h.project());
  expect(() => evolve(state, { ...ready, seq: 2 }, 0, noChanges())).toThrow('unknown task');
});

it('notes the rows that an event touches', () => {
  const { state } = given(h.project(), h.joined('ada', 11), h.phase(31), h.task(21, { phaseId: id(31) }));
  const changes = noChanges();
  evolve(state, { seq: 5, priority: 'medium', ...h.claimed(21, 'ada', 11) }, 0, changes);
  expect([...changes.tasks.keys(), ...changes.phases.keys()]).toEqual([id(21), id(31)]);
  expect(changes.created.size + changes.agents.size + changes.opened.size + changes.closed.size).toBe(0);
});

it('asks the store to judge the lease of a session that expires, and of no other that ends', () => {
  for (const reason of ['expired', 'disconnected', 'replaced'] as const) {
    const { state } = given(h.project(), h.joined('ada', 11));
    const changes = noChanges();
    evolve(state, { seq: 3, priority: 'medium', ...h.left('ada', 11, reason) }, 0, changes);
    expect([...changes.expiring]).toEqual(reason === 'expired' ? [id(11)] : []);
    expect([...changes.closed]).toEqual([id(11)]);
  }
});

it('gives a session that a batch opens and ends no row', () => {
  const { state } = given(h.project());
  const changes = noChanges();
  evolve(state, { seq: 2, priority: 'medium', ...h.joined('ada', 11) }, 0, changes);
  evolve(state, { seq: 3, priority: 'medium', ...h.left('ada', 11, 'replaced') }, 0, changes);
  expect(changes.opened.size + changes.closed.size).toBe(0);
});
