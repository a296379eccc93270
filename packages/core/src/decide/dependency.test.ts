import { describe, expect, it } from 'vitest';
import { DEPENDENCIES_MAX } from '@agentmix/act-contract';
import { given, happened as h, id } from '../../../testing/src/given.ts';

const added = (taskId: number, dependsOn: number) =>
  ({ type: 'dependency.added', data: { taskId: id(taskId), dependsOn: id(dependsOn) } }) as const;
const removed = (taskId: number, dependsOn: number) =>
  ({ type: 'dependency.removed', data: { taskId: id(taskId), dependsOn: id(dependsOn) } }) as const;
const two = [h.project(), h.task(21, { key: 'a' }), h.task(22, { key: 'b' })];
const edge = { taskId: id(22), dependsOn: id(21) };

describe('dependency.add', () => {
  it('lets a ready task wait', () =>
    given(...two)
      .when('dependency.add', edge)
      .then(added(22, 21), h.pending(22)));
  it('leaves a task ready that now depends on something completed', () =>
    given(h.project(), h.task(21, { status: 'completed' }), h.task(22))
      .when('dependency.add', edge)
      .then(added(22, 21)));
  it('does nothing when the edge is there', () =>
    given(...two, added(22, 21), h.pending(22))
      .when('dependency.add', edge)
      .then());
  it('refuses an edge that closes a circle, and names the circle', () => {
    const events = [
      ...two,
      h.task(23, { title: 'c' }),
      added(22, 21),
      h.pending(22),
      added(23, 22),
      h.pending(23),
    ];
    const { state, when } = given(...events);
    when('dependency.add', { taskId: id(21), dependsOn: id(23) }).then('dependency_cycle', {
      cycle: [`task:${id(21)}`, `task:${id(23)}`, `task:${id(22)}`],
    });
    expect(state.tasks.get(id(21))?.dependencies).toEqual([]);
  });
  it('refuses a task that waits for itself', () =>
    given(...two)
      .when('dependency.add', { taskId: id(21), dependsOn: id(21) })
      .then('dependency_cycle'));
  it('refuses a circle that runs through phases, and names them', () => {
    const phases = [h.phase(31, [], { key: 'A' }), h.phase(32, [31], { key: 'B' })];
    const tasks = [h.task(21, { phaseId: id(31) }), h.task(22, { phaseId: id(32), status: 'pending' })];
    given(h.project(), ...phases, ...tasks)
      .when('dependency.add', { taskId: id(21), dependsOn: id(22) })
      .then('dependency_cycle', { cycle: [`task:${id(21)}`, `task:${id(22)}`, `phase:${id(31)}`] });
  });
  it('lets a task wait for one of a later phase when its own phase is completed already', () => {
    const completed = { type: 'phase.completed', data: { phaseId: id(31), actualEffort: 0 } } as const;
    const tasks = [h.task(21, { phaseId: id(31) }), h.task(22, { phaseId: id(32) })];
    given(h.project(), h.phase(31), h.phase(32, [31]), completed, ...tasks)
      .when('dependency.add', { taskId: id(21), dependsOn: id(22) })
      .then(added(21, 22), h.pending(21));
  });
  it('refuses to change what a held task waits for', () =>
    given(...two, h.joined('ada', 11), h.claimed(22, 'ada', 11))
      .when('dependency.add', edge)
      .then('task_held'));
  it('refuses closed and unknown tasks', () => {
    given(h.project(), h.task(21), h.task(22, { status: 'cancelled' }))
      .when('dependency.add', edge)
      .then('task_closed');
    given(h.project(), h.task(21)).when('dependency.add', edge).then('task_not_found');
    given(h.project(), h.task(22)).when('dependency.add', edge).then('task_not_found');
  });
  it('refuses one dependency more than a task may have', () => {
    const closed = Array.from({ length: DEPENDENCIES_MAX }, (_, at) =>
      h.task(1_000 + at, { status: 'completed' }),
    );
    const dependencies = closed.map((_, at) => id(1_000 + at));
    given(h.project(), h.task(21), ...closed, h.task(22, { dependencies }))
      .when('dependency.add', edge)
      .then('limit_reached');
  });
});

describe('dependency.remove', () => {
  it('makes ready what waited for nothing else', () =>
    given(...two, added(22, 21), h.pending(22))
      .when('dependency.remove', edge)
      .then(removed(22, 21), h.ready(22)));
  it('leaves waiting what waits for more', () =>
    given(h.project(), h.task(21), h.task(20), h.waiting(22, [21, 20]))
      .when('dependency.remove', edge)
      .then(removed(22, 21)));
  it('changes nothing else when the dependency was completed already', () =>
    given(h.project(), h.task(21, { status: 'completed' }), h.task(20), h.waiting(22, [21, 20]))
      .when('dependency.remove', edge)
      .then(removed(22, 21)));
  it('does not wake a blocked task', () => {
    const blocked = { type: 'task.blocked', data: { taskId: id(22), reason: 'r' } } as const;
    given(...two, added(22, 21), h.pending(22), blocked)
      .when('dependency.remove', edge)
      .then(removed(22, 21));
  });
  it('refuses an edge that is not there', () =>
    given(...two)
      .when('dependency.remove', edge)
      .then('dependency_not_found'));
  it('refuses closed and unknown tasks', () => {
    given(h.project(), h.task(22, { status: 'cancelled' }))
      .when('dependency.remove', edge)
      .then('task_closed');
    given(h.project()).when('dependency.remove', edge).then('task_not_found');
  });
});
