import { describe, expect, it } from 'vitest';
import type { CommandArguments } from '@agentmix/act-contract';
import { given, happened as h, id, newId } from '../../../testing/src/given.ts';

type Plan = CommandArguments<'plan.apply'>;

const PLAN: Plan = {
  phases: [
    { key: 'B', name: 'second', dependsOn: ['A'], description: 'after A' },
    { key: 'A', name: 'first' },
  ],
  tasks: [
    { key: 'c', title: 'c', phase: 'B' },
    {
      key: 'b',
      title: 'b',
      phase: 'A',
      dependsOn: ['a'],
      description: 'why',
      requires: [{ name: 'sql', level: 3 }],
    },
    { key: 'a', title: 'a', phase: 'A', filePaths: ['a.ts'], estimatedTime: 5, complexityScore: 2 },
  ],
};

const shown = (plan: Plan, ...events: Parameters<typeof given>) => {
  const when = given(...events).when('plan.apply', plan);
  return { ...when, types: when.events.map(({ type }) => type) };
};

describe('plan.apply', () => {
  it('creates phases and tasks with what they depend on first', () => {
    const { events, state } = shown(PLAN, h.project());
    const names = events.map((event) => ('key' in event.data ? event.data.key : event.type));
    expect(names).toEqual(['A', 'B', 'c', 'a', 'b']);
    const statusOf = (key: string) => state.tasks.get(state.taskIdsByKey.get(key) ?? '')?.status;
    expect(['a', 'b', 'c'].map(statusOf)).toEqual(['ready', 'pending', 'pending']);
  });
  it('changes nothing when it is applied again', () => {
    const { state, when } = given(h.project());
    when('plan.apply', PLAN);
    const seq = state.seq;
    when('plan.apply', PLAN).then();
    expect(state.seq).toBe(seq);
  });
  it('changes nothing the second time where the first brought others’ work to the plan', () => {
    const known = [
      h.phase(31, [], { key: 'A', description: 'to be taken away' }),
      h.task(21, { key: 'a', title: 'old', complexityScore: 9, description: 'old' }),
    ];
    const { when } = given(h.project(), ...known);
    expect(when('plan.apply', PLAN).events.length).toBeGreaterThan(0);
    when('plan.apply', PLAN).then();
  });
  it('brings known tasks to what the plan says, and only that', () =>
    given(h.project(), h.task(21, { key: 'a', title: 'old' }))
      .when('plan.apply', { tasks: [{ key: 'a', title: 'new' }] })
      .then({ type: 'task.updated', data: { taskId: id(21), title: 'new' } }));
  it('adds missing edges to a known task and lets it wait', () =>
    given(h.project(), h.task(21, { key: 'a', title: 'a' }), h.task(22, { key: 'b', title: 'b' }))
      .when('plan.apply', { tasks: [{ key: 'b', title: 'b', dependsOn: ['a'] }] })
      .then({ type: 'dependency.added', data: { taskId: id(22), dependsOn: id(21) } }, h.pending(22)));
  it('never takes edges away, and never changes a status', () =>
    given(h.project(), h.task(21, { key: 'a', title: 'a' }), h.waiting(22, [21], { key: 'b', title: 'b' }))
      .when('plan.apply', { tasks: [{ key: 'b', title: 'b', status: 'completed' }] })
      .then());
  it('leaves the dependencies of a held task alone', () =>
    given(
      h.project(),
      h.joined('ada', 11),
      h.task(21, { key: 'a', title: 'a' }),
      h.task(22, { key: 'b', title: 'b' }),
      h.claimed(22, 'ada', 11),
    )
      .when('plan.apply', { tasks: [{ key: 'b', title: 'b', dependsOn: ['a'] }] })
      .then());
  it('leaves closed tasks alone', () =>
    given(h.project(), h.task(21, { key: 'a', title: 'a', status: 'completed' }))
      .when('plan.apply', { tasks: [{ key: 'a', title: 'other' }] })
      .then());
  it('does not let a task wait for one that comes as closed', () => {
    const { state } = shown(
      {
        tasks: [
          { key: 'a', title: 'a', status: 'completed' },
          { key: 'b', title: 'b', dependsOn: ['a'] },
        ],
      },
      h.project(),
    );
    expect([...state.tasks.values()].map(({ key, status }) => [key, status])).toEqual([['b', 'ready']]);
  });
  it('completes a phase all of whose tasks come as closed, so that the next one can begin', () => {
    const plan: Plan = {
      phases: [
        { key: 'A', name: 'A' },
        { key: 'B', name: 'B', dependsOn: ['A'] },
      ],
      tasks: [
        { key: 'a', title: 'a', phase: 'A', status: 'completed' },
        { key: 'b', title: 'b', phase: 'B' },
      ],
    };
    const { state } = shown(plan, h.project());
    expect([...state.phases.values()].map(({ status }) => status)).toEqual(['completed', 'active']);
    expect([...state.tasks.values()].map(({ status }) => status)).toEqual(['ready']);
  });
  it('refuses a circle of tasks and names its keys', () => {
    const tasks = [
      { key: 'a', title: 'a', dependsOn: ['c'] },
      { key: 'b', title: 'b', dependsOn: ['a'] },
      { key: 'c', title: 'c', dependsOn: ['b'] },
    ];
    const { when, state } = given(h.project());
    when('plan.apply', { tasks }).then('dependency_cycle', {
      cycle: [newId(1), newId(3), newId(2)].map((one) => `task:${one}`),
    });
    expect(state.tasks.size).toBe(0);
  });
  it('refuses a circle of phases and names its keys', () =>
    given(h.project())
      .when('plan.apply', {
        phases: [
          { key: 'A', name: 'A', dependsOn: ['B'] },
          { key: 'B', name: 'B', dependsOn: ['A'] },
        ],
      })
      .then('dependency_cycle'));
  it('refuses a circle that runs through a phase', () =>
    given(h.project())
      .when('plan.apply', {
        phases: [
          { key: 'A', name: 'A' },
          { key: 'B', name: 'B', dependsOn: ['A'] },
        ],
        tasks: [
          { key: 'a', title: 'a', phase: 'A', dependsOn: ['b'] },
          { key: 'b', title: 'b', phase: 'B' },
        ],
      })
      .then('dependency_cycle'));
  it('refuses a circle between the plan and what is there', () =>
    given(h.project(), h.task(21, { key: 'a', title: 'a' }), h.waiting(22, [21], { key: 'b', title: 'b' }))
      .when('plan.apply', { tasks: [{ key: 'a', title: 'a', dependsOn: ['b'] }] })
      .then('dependency_cycle'));
  it('refuses keys that it names twice, and keys that nobody has', () => {
    const { when } = given(h.project());
    when('plan.apply', {
      tasks: [
        { key: 'a', title: 'a' },
        { key: 'a', title: 'b' },
      ],
    }).then('duplicate_key');
    when('plan.apply', {
      phases: [
        { key: 'A', name: 'A' },
        { key: 'A', name: 'B' },
      ],
    }).then('duplicate_key');
    when('plan.apply', { tasks: [{ key: 'a', title: 'a', dependsOn: ['x'] }] }).then('task_not_found');
    when('plan.apply', { tasks: [{ key: 'a', title: 'a', phase: 'X' }] }).then('phase_not_found');
    when('plan.apply', { phases: [{ key: 'A', name: 'A', dependsOn: ['X'] }] }).then('phase_not_found');
  });
  it('refuses all of a plan that would open too many tasks, closed ones not counted', () => {
    const open = [
      { key: 'a', title: 'a' },
      { key: 'b', title: 'b' },
    ];
    given(h.project({ openTasksMax: 1 }))
      .when('plan.apply', { tasks: open })
      .then('limit_reached');
    const closed = [
      { key: 'a', title: 'a' },
      { key: 'b', title: 'b', status: 'completed' as const },
    ];
    expect(shown({ tasks: closed }, h.project({ openTasksMax: 1 })).types).toHaveLength(2);
  });
});
