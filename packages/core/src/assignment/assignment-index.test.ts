import { describe, expect, it } from 'vitest';
import { expectDerived, given, happened as h, id } from '../../../testing/src/given.ts';
import { DEFAULT_ESTIMATE_MINUTES } from './assignment-index.ts';

const orderOf = (number: number, ...events: Parameters<typeof given>) => {
  const { state } = given(h.project(), ...events);
  expectDerived(state);
  const task = state.tasks.get(id(number));
  return { level: task?.level, urgency: task?.urgency };
};
const chain = [
  h.task(21, { estimatedTime: 10, priority: 4 }),
  h.waiting(22, [21], { estimatedTime: 20, priority: 3 }),
  h.waiting(23, [21], { estimatedTime: 5, priority: 1 }),
  h.waiting(24, [22], { priority: 2 }),
];

describe('level and urgency', () => {
  it('are the longest way to the end and the most urgent priority behind a task', () =>
    expect(orderOf(21, ...chain)).toEqual({ level: 30 + DEFAULT_ESTIMATE_MINUTES, urgency: 1 }));
  it('shrink when what waits is closed', () =>
    expect(orderOf(21, ...chain, { type: 'task.cancelled', data: { taskId: id(22) } })).toEqual({
      level: 15,
      urgency: 1,
    }));
  it('follow new estimates and priorities through everything before', () =>
    expect(
      orderOf(21, ...chain, {
        type: 'task.updated',
        data: { taskId: id(24), estimatedTime: 100, priority: 0 },
      }),
    ).toEqual({ level: 130, urgency: 0 }));
  it('follow edges that come and go', () => {
    const removed = { type: 'dependency.removed', data: { taskId: id(22), dependsOn: id(21) } } as const;
    expect(orderOf(21, ...chain, removed, h.ready(22))).toEqual({ level: 15, urgency: 1 });
    const added = { type: 'dependency.added', data: { taskId: id(24), dependsOn: id(23) } } as const;
    expect(orderOf(23, ...chain, added)).toEqual({ level: 5 + DEFAULT_ESTIMATE_MINUTES, urgency: 1 });
  });
});

describe('the index', () => {
  it('forgets demands and supplies that nobody has any more', () => {
    const requires = [{ name: 'sql', level: 1 }];
    const { state } = given(
      h.project(),
      h.joined('ada', 11, requires),
      h.task(21, { requires }),
      h.claimed(21, 'ada', 11),
      h.completed(21, 'ada'),
      h.left('ada', 11, 'disconnected'),
    );
    expect(state.index.demands.size).toBe(0);
    expect(state.index.supplies.size).toBe(0);
  });
  it('counts the same skills in another order as the same', () => {
    const [a, b] = [
      { name: 'a', level: 1 },
      { name: 'b', level: 2 },
    ];
    const { state } = given(h.project(), h.task(21, { requires: [a, b] }), h.task(22, { requires: [b, a] }));
    expect(state.index.demands.size).toBe(1);
    expectDerived(state);
  });
  it('moves a task whose requirements change to its new demand', () => {
    const requires = [{ name: 'sql', level: 1 }];
    const { state } = given(h.project(), h.task(21), {
      type: 'task.updated',
      data: { taskId: id(21), requires },
    });
    expect([...state.index.demands.values()].map((demand) => demand.requires)).toEqual([requires]);
    expectDerived(state);
  });
});
