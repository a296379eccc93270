import { describe, expect, it } from 'vitest';
import { given, happened as h, id, newId } from '../../../testing/src/given.ts';
import { DEFAULT_SETTINGS } from '../state.ts';

const completed = (phase: number, actualEffort = 0) =>
  ({ type: 'phase.completed', data: { phaseId: id(phase), actualEffort } }) as const;
const milestone = (phase: number) =>
  ({ type: 'project.milestone', data: { name: `phase ${phase}`, phaseId: id(phase) } }) as const;
const archived = { type: 'project.updated', data: { status: 'archived' } } as const;

describe('project.create', () => {
  it('creates with the default settings where none are given', () =>
    given()
      .when('project.create', { name: 'p', settings: { maxAttempts: 5 } })
      .then({
        type: 'project.created',
        data: { name: 'p', settings: { ...DEFAULT_SETTINGS, maxAttempts: 5 } },
      }));
  it('refuses a project that exists', () =>
    given(h.project()).when('project.create', { name: 'p' }).then('duplicate_id'));
});

describe('a project', () => {
  it('is not found by any other command before it is created', () => {
    given().when('task.create', { title: 't' }).then('project_not_found');
    given().when('agent.register', { agentId: 'ada' }).then('project_not_found');
  });
  it('takes nothing while archived but to be opened and to let go of who is there', () => {
    const events = [h.project(), h.joined('ada', 11), h.task(21), archived];
    given(...events)
      .when('task.create', { title: 't' })
      .then('project_archived');
    given(...events)
      .when('task.next', { sessionId: id(11) })
      .then('project_archived');
    given(...events)
      .when('agent.disconnect', { sessionId: id(11) })
      .then(h.left('ada', 11, 'disconnected'));
    given(...events)
      .when('session.expire', { sessionId: id(11) })
      .then(h.left('ada', 11, 'expired'));
    given(...events)
      .when('project.update', { status: 'active' })
      .then({ type: 'project.updated', data: { status: 'active' } });
  });
  it('changes single settings and keeps the others', () => {
    const { state } = given(h.project({ maxAttempts: 7 })).when('project.update', {
      settings: { leaseMs: 9_000 },
    });
    expect(state.settings).toEqual({ ...DEFAULT_SETTINGS, maxAttempts: 7, leaseMs: 9_000 });
  });
  it('puts the ready queue in the order of a new policy', () => {
    const tasks = [
      h.task(21, { estimatedTime: 10 }),
      h.task(22, { estimatedTime: 90 }),
      h.task(23, { estimatedTime: 50 }),
    ];
    given(h.project({ policy: 'weighted' }), ...tasks)
      .when('project.update', { settings: { policy: 'flow' } })
      .then({ type: 'project.updated', data: { settings: { policy: 'flow' } } });
  });
  it('announces milestones, of known phases only', () => {
    given(h.project())
      .when('project.milestone', { name: 'm' })
      .then({ type: 'project.milestone', data: { name: 'm' } });
    given(h.project())
      .when('project.milestone', { name: 'm', phaseId: id(99) })
      .then('phase_not_found');
  });
});

describe('phase.create', () => {
  it('creates a phase with each dependency once', () =>
    given(h.project(), h.phase(31))
      .when('phase.create', { name: 'B', key: 'b', dependencies: [id(31), id(31)] })
      .then({
        type: 'phase.created',
        data: { phaseId: newId(1), name: 'B', key: 'b', dependencies: [id(31)] },
      }));
  it('refuses a key in use, an unknown dependency, an unknown owner', () => {
    const { when } = given(h.project(), h.phase(31, [], { key: 'a' }));
    when('phase.create', { name: 'B', key: 'a' }).then('duplicate_key', { phaseId: id(31) });
    when('phase.create', { name: 'B', dependencies: [id(99)] }).then('phase_not_found');
    when('phase.create', { name: 'B', ownerAgentId: 'zoe' }).then('agent_not_found');
  });
});

describe('phase.update', () => {
  it('changes what is said, and refuses unknown phases and owners', () => {
    const { when } = given(h.project(), h.phase(31));
    when('phase.update', { phaseId: id(31), name: 'new' }).then({
      type: 'phase.updated',
      data: { phaseId: id(31), name: 'new' },
    });
    when('phase.update', { phaseId: id(99) }).then('phase_not_found');
    when('phase.update', { phaseId: id(31), ownerAgentId: 'zoe' }).then('agent_not_found');
  });
});

describe('phase.complete', () => {
  it('completes a phase without open tasks, and what waits for it becomes ready', () =>
    given(h.project(), h.phase(31), h.phase(32, [31]), h.task(21, { phaseId: id(32), status: 'pending' }))
      .when('phase.complete', { phaseId: id(31) })
      .then(completed(31), milestone(31), h.ready(21)));
  it('leaves waiting what waits for another phase too', () =>
    given(
      h.project(),
      h.phase(31),
      h.phase(33),
      h.phase(32, [31, 33]),
      h.task(21, { phaseId: id(32), status: 'pending' }),
    )
      .when('phase.complete', { phaseId: id(31) })
      .then(completed(31), milestone(31)));
  it('does nothing when it is completed already', () =>
    given(h.project(), h.phase(31), completed(31))
      .when('phase.complete', { phaseId: id(31) })
      .then());
  it('refuses while tasks are open, and tells how many', () =>
    given(h.project(), h.phase(31), h.task(21, { phaseId: id(31) }))
      .when('phase.complete', { phaseId: id(31) })
      .then('phase_has_open_tasks', { open: 1 }));
  it('refuses an unknown phase', () =>
    given(h.project())
      .when('phase.complete', { phaseId: id(99) })
      .then('phase_not_found'));
  it('does not complete a second time when a late task of it is done', () => {
    const events = [
      h.project(),
      h.joined('ada', 11),
      h.phase(31),
      completed(31),
      h.task(21, { phaseId: id(31) }),
      h.claimed(21, 'ada', 11),
    ];
    given(...events)
      .when('task.complete', { taskId: id(21), sessionId: id(11), epoch: 1 })
      .then(h.completed(21, 'ada'));
  });
});
