import { describe, expect, it } from 'vitest';
import { NOW, given, happened as h, id, newId } from '../../../testing/src/given.ts';

const SESSION = 11;
const OTHER = 12;
const agents = [h.joined('ada', SESSION), h.joined('bob', OTHER)];
const ready = [h.project(), ...agents, h.task(21)];
const held = [...ready, h.claimed(21, 'ada', SESSION)];
const grant = { taskId: id(21), sessionId: id(SESSION), epoch: 1 };
const unknown = id(99);

describe('task.create', () => {
  const create = { title: 'new' };
  const data = { title: 'new', type: 'task', priority: 2, requires: [], filePaths: [] };

  it('makes a task without dependencies ready', () =>
    given(h.project())
      .when('task.create', create)
      .then({
        type: 'task.created',
        data: { ...data, taskId: newId(1), dependencies: [], status: 'ready' },
      }));
  it('lets a task wait for open dependencies, each once', () =>
    given(h.project(), h.task(21))
      .when('task.create', { ...create, dependencies: [id(21), id(21)] })
      .then({
        type: 'task.created',
        data: { ...data, taskId: newId(1), dependencies: [id(21)], status: 'pending' },
      }));
  it('does not let a task wait for what is completed', () => {
    const { state } = given(...held, h.completed(21, 'ada')).when('task.create', {
      ...create,
      dependencies: [id(21)],
    });
    expect(state.tasks.get(newId(1))).toMatchObject({ status: 'ready', waitingOn: 0 });
  });
  it('lets a task wait for the phases its phase depends on, until they are completed', () => {
    const phases = [h.project(), h.phase(31), h.phase(32, [31])];
    const waiting = given(...phases).when('task.create', { ...create, phaseId: id(32) });
    expect(waiting.state.tasks.get(newId(1))?.status).toBe('pending');
    const done = given(...phases, { type: 'phase.completed', data: { phaseId: id(31), actualEffort: 0 } });
    expect(done.when('task.create', { ...create, phaseId: id(32) }).state.tasks.get(newId(1))?.status).toBe(
      'ready',
    );
  });
  it('refuses an unknown phase', () =>
    given(h.project())
      .when('task.create', { ...create, phaseId: unknown })
      .then('phase_not_found'));
  it('refuses an unknown dependency and names it', () =>
    given(h.project())
      .when('task.create', { ...create, dependencies: [unknown] })
      .then('task_not_found', { taskId: unknown }));
  it('refuses a key in use, also by a closed task, and tells whose it is', () =>
    given(h.project(), h.task(21, { key: 'k', status: 'cancelled' }))
      .when('task.create', { ...create, key: 'k' })
      .then('duplicate_key', { taskId: id(21) }));
  it('refuses one task more than the project may have open', () =>
    given(h.project({ openTasksMax: 1 }), h.task(21))
      .when('task.create', create)
      .then('limit_reached', { limit: 'openTasksMax' }));
  it('refuses a task that its own phase would wait for in a circle, and names the circle', () =>
    given(
      h.project(),
      h.phase(31, [], { key: 'A' }),
      h.phase(32, [31], { key: 'B' }),
      h.task(21, { phaseId: id(32), key: 't', status: 'pending' }),
    )
      .when('task.create', { ...create, phaseId: id(31), dependencies: [id(21)] })
      .then('dependency_cycle'));
  it('does not open a completed phase again for a late task', () => {
    const completed = { type: 'phase.completed', data: { phaseId: id(31), actualEffort: 0 } } as const;
    const { state } = given(h.project(), h.phase(31), completed).when('task.create', {
      ...create,
      phaseId: id(31),
    });
    expect(state.phases.get(id(31))?.status).toBe('completed');
    expect(state.tasks.get(newId(1))?.status).toBe('ready');
  });
});

describe('task.update', () => {
  it('changes only what is said', () =>
    given(...ready)
      .when('task.update', { taskId: id(21), priority: 0, description: 'why' })
      .then({ type: 'task.updated', data: { taskId: id(21), priority: 0, description: 'why' } }));
  it('refuses unknown and closed tasks', () => {
    given(...ready)
      .when('task.update', { taskId: unknown })
      .then('task_not_found');
    given(...held, h.completed(21, 'ada'))
      .when('task.update', { taskId: id(21) })
      .then('task_closed');
  });
});

describe('task.claim', () => {
  const ask = { taskId: id(21), sessionId: id(SESSION) };

  it('grants a ready task with epoch 1 the first time', () =>
    given(...ready)
      .when('task.claim', ask)
      .then(h.claimed(21, 'ada', SESSION)));
  it('raises the epoch by exactly 1 at each grant, whoever gets it', () =>
    given(...held, h.released(21, 'released', 0))
      .when('task.claim', { ...ask, sessionId: id(OTHER) })
      .then(h.claimed(21, 'bob', OTHER, 2)));
  it('counts the attempt after lost ones', () =>
    given(...held, h.released(21, 'expired', 1))
      .when('task.claim', ask)
      .then(h.claimed(21, 'ada', SESSION, 2, 2)));
  it('refuses the claim while another agent holds the task, and names the holder', () =>
    given(...held)
      .when('task.claim', { ...ask, sessionId: id(OTHER) })
      .then('task_already_claimed', { taskId: id(21), holder: 'ada', currentEpoch: 1 }));
  it('refuses the claim by the holder itself', () =>
    given(...held)
      .when('task.claim', ask)
      .then('task_already_claimed'));
  it('refuses a task that waits, and tells for how much', () =>
    given(...ready, h.waiting(22, [21]))
      .when('task.claim', { ...ask, taskId: id(22) })
      .then('task_not_ready', { status: 'pending', waitingOn: 1 }));
  it('refuses a parked task', () =>
    given(...held, h.released(21, 'failed', 3), h.parked(21, 3, 'x'))
      .when('task.claim', ask)
      .then('task_not_ready', { status: 'failed' }));
  it('refuses a closed and an unknown task', () => {
    given(...held, h.completed(21, 'ada'))
      .when('task.claim', ask)
      .then('task_closed');
    given(...ready)
      .when('task.claim', { ...ask, taskId: unknown })
      .then('task_not_found');
  });
  it('refuses a session that is not live', () =>
    given(...ready, h.left('ada', SESSION, 'expired'))
      .when('task.claim', ask)
      .then('session_expired'));
  it('refuses an agent without a required skill, or at too low a level', () => {
    const requires = [{ name: 'sql', level: 50 }];
    const task = h.task(22, { requires });
    given(...ready, task)
      .when('task.claim', { ...ask, taskId: id(22) })
      .then('capability_missing', { requires });
    given(h.project(), h.joined('eve', 13, [{ name: 'sql', level: 49 }]), task)
      .when('task.claim', { taskId: id(22), sessionId: id(13) })
      .then('capability_missing');
    given(h.project(), h.joined('eve', 13, [{ name: 'sql', level: 50 }]), task)
      .when('task.claim', { taskId: id(22), sessionId: id(13) })
      .then(h.claimed(22, 'eve', 13));
  });
});

describe('task.progress', () => {
  it('records percent, note and checkpoint', () => {
    const said = { percent: 40, note: 'n', checkpoint: { branch: 'b' } };
    given(...held)
      .when('task.progress', { ...grant, ...said })
      .then({ type: 'task.progress', agentId: 'ada', data: { taskId: id(21), epoch: 1, ...said } });
  });
});

describe('task.complete', () => {
  it('completes the task with the minutes it took', () =>
    given(...held)
      .when('task.complete', { ...grant, result: { ok: true } }, { now: NOW + 120_000 })
      .then({
        type: 'task.completed',
        agentId: 'ada',
        data: { taskId: id(21), epoch: 1, result: { ok: true }, actualTime: 3 },
      }));
  it('keeps what the completion shows for itself', () => {
    const evidence = { branch: 'work', commit: 'abcdef0', checks: [{ name: 'tests', passed: true }] };
    given(...held)
      .when('task.complete', { ...grant, evidence })
      .then({
        type: 'task.completed',
        agentId: 'ada',
        data: { taskId: id(21), epoch: 1, evidence, actualTime: 1 },
      });
  });
  it.each([
    ['nothing', undefined, ['the commit', 'the check tests']],
    ['no check', { commit: 'abcdef0' }, ['the check tests']],
    [
      'a failed check',
      { checks: [{ name: 'tests', passed: false }] },
      ['the commit', 'a pass of the check tests'],
    ],
    [
      'a check that passed and failed',
      {
        commit: 'abcdef0',
        checks: [
          { name: 'tests', passed: true },
          { name: 'tests', passed: false },
        ],
      },
      ['a pass of the check tests'],
    ],
  ])('names what the project asks for when the completion shows %s', (_, evidence, missing) =>
    given(h.project({ evidence: { commit: true, checks: ['tests'] } }), ...held.slice(1))
      .when('task.complete', { ...grant, ...(evidence ? { evidence } : {}) })
      .then('evidence_missing', { taskId: id(21), missing }),
  );
  it('takes a completion that shows all the project asks for, and more', () => {
    const checks = ['tests', 'lint'].map((name) => ({ name, passed: name === 'tests' }));
    const evidence = { commit: 'abcdef0', checks };
    const when = given(h.project({ evidence: { commit: true, checks: ['tests'] } }), ...held.slice(1)).when(
      'task.complete',
      { ...grant, evidence },
    );
    expect(when.events[0]).toMatchObject({ type: 'task.completed', data: { evidence } });
  });
  it('makes ready what waited only for it, and nothing else', () =>
    given(...held, h.task(20), h.waiting(22, [21]), h.waiting(23, [21, 20]), h.waiting(24, [22]))
      .when('task.complete', grant)
      .then(h.completed(21, 'ada'), h.ready(22)));
  it('does not wake blocked or parked tasks that waited for it', () => {
    const blocked = { type: 'task.blocked', data: { taskId: id(22), reason: 'r' } } as const;
    given(...held, h.waiting(22, [21]), blocked)
      .when('task.complete', grant)
      .then(h.completed(21, 'ada'));
  });
  it('completes its phase with its last task, and what waits for that phase becomes ready', () =>
    given(
      h.project(),
      ...agents,
      h.phase(31),
      h.phase(32, [31]),
      h.task(21, { phaseId: id(31) }),
      h.task(22, { phaseId: id(32), status: 'pending' }),
      h.claimed(21, 'ada', SESSION),
    )
      .when('task.complete', grant)
      .then(
        h.completed(21, 'ada'),
        { type: 'phase.completed', data: { phaseId: id(31), actualEffort: 1 } },
        { type: 'project.milestone', data: { name: 'phase 31', phaseId: id(31) } },
        h.ready(22),
      ));
  it('counts a task once that waits for the closed task and for its phase', () =>
    given(
      h.project(),
      ...agents,
      h.phase(31),
      h.phase(32, [31]),
      h.task(21, { phaseId: id(31) }),
      h.waiting(22, [21], { phaseId: id(32) }),
      h.claimed(21, 'ada', SESSION),
    )
      .when('task.complete', grant)
      .then(
        h.completed(21, 'ada'),
        { type: 'phase.completed', data: { phaseId: id(31), actualEffort: 1 } },
        { type: 'project.milestone', data: { name: 'phase 31', phaseId: id(31) } },
        h.ready(22),
      ));
  it('leaves its phase open while another task of it is open, parked ones included', () => {
    const other = h.task(22, { phaseId: id(31) });
    const events = [
      h.project(),
      ...agents,
      h.phase(31),
      h.task(21, { phaseId: id(31) }),
      other,
      h.claimed(21, 'ada', SESSION),
    ];
    given(...events)
      .when('task.complete', grant)
      .then(h.completed(21, 'ada'));
    given(...events, h.claimed(22, 'bob', OTHER), h.released(22, 'failed', 3), h.parked(22, 3, 'x'))
      .when('task.complete', grant)
      .then(h.completed(21, 'ada'));
  });
});

describe('task.retry', () => {
  it('takes a parked task up again with all its attempts', () => {
    const when = given(...held, h.released(21, 'failed', 3), h.parked(21, 3, 'x')).when('task.retry', {
      taskId: id(21),
    });
    when.then({ type: 'task.retried', data: { taskId: id(21) } });
    expect(when.state.tasks.get(id(21))).toMatchObject({ status: 'ready', attempts: 0, epoch: 1 });
  });
  it('refuses what is not parked', () => {
    given(...ready)
      .when('task.retry', { taskId: id(21) })
      .then('task_not_failed');
    given(...held, h.completed(21, 'ada'))
      .when('task.retry', { taskId: id(21) })
      .then('task_not_failed');
    given(...ready)
      .when('task.retry', { taskId: unknown })
      .then('task_not_found');
  });
});

describe('task.cancel', () => {
  it('frees what depends on the task', () =>
    given(...ready, h.waiting(22, [21]))
      .when('task.cancel', { taskId: id(21), reason: 'r' })
      .then({ type: 'task.cancelled', data: { taskId: id(21), reason: 'r' } }, h.ready(22)));
  it('ends the grant of a holder', () => {
    const { state } = given(...held).when('task.cancel', { taskId: id(21) });
    expect(state.sessions.get(id(SESSION))?.held.size).toBe(0);
  });
  it('completes the phase whose last open task it was', () => {
    const { events } = given(h.project(), h.phase(31), h.task(21, { phaseId: id(31) })).when('task.cancel', {
      taskId: id(21),
    });
    expect(events.map(({ type }) => type)).toEqual([
      'task.cancelled',
      'phase.completed',
      'project.milestone',
    ]);
  });
  it('refuses closed and unknown tasks', () => {
    given(...held, h.completed(21, 'ada'))
      .when('task.cancel', { taskId: id(21) })
      .then('task_closed');
    given(...ready)
      .when('task.cancel', { taskId: unknown })
      .then('task_not_found');
  });
});
