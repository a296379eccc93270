import { describe, expect, it } from 'vitest';
import { NOW, given, happened as h, id } from '../../../testing/src/given.ts';

const SESSION = 11;
const OTHER = 12;
const agents = [h.joined('ada', SESSION), h.joined('bob', OTHER)];
const ready = [h.project(), ...agents, h.task(21)];
const held = [...ready, h.claimed(21, 'ada', SESSION)];
const grant = { taskId: id(21), sessionId: id(SESSION), epoch: 1 };
const unknown = id(99);

describe('the fence', () => {
  const calls = [
    ['task.progress', {}],
    ['task.complete', {}],
    ['task.fail', { reason: 'r' }],
    ['task.release', {}],
    ['task.block', { reason: 'r' }],
  ] as const;

  it.each(calls)(
    '%s refuses an epoch that is over, and tells the current one and its holder',
    (name, more) => {
      const again = [...held, h.released(21, 'expired', 1), h.claimed(21, 'bob', OTHER, 2, 2)];
      given(...again)
        .when(name, { ...grant, ...more } as never)
        .then('stale_epoch', { taskId: id(21), status: 'claimed', currentEpoch: 2, holder: 'bob' });
    },
  );
  it.each(calls)('%s refuses the right epoch shown by another session', (name, more) =>
    given(...held)
      .when(name, { ...grant, sessionId: id(OTHER), ...more } as never)
      .then('stale_epoch', { holder: 'ada' }),
  );
  it.each(calls)('%s refuses an epoch not granted yet', (name, more) =>
    given(...held)
      .when(name, { ...grant, epoch: 2, ...more } as never)
      .then('stale_epoch'),
  );
  it.each(calls)('%s refuses a task that was given back', (name, more) =>
    given(...held, h.released(21, 'released', 0))
      .when(name, { ...grant, ...more } as never)
      .then('stale_epoch', { status: 'ready' }),
  );
  it.each(calls)('%s refuses a task that is closed', (name, more) =>
    given(...held, h.completed(21, 'ada'))
      .when(name, { ...grant, ...more } as never)
      .then('stale_epoch', { closed: true }),
  );
  it.each(calls)('%s refuses a task that never was', (name, more) =>
    given(...held)
      .when(name, { ...grant, taskId: unknown, ...more } as never)
      .then('task_not_found'),
  );
});

describe('giving back', () => {
  it('release returns the task with its checkpoint and counts no attempt', () => {
    const checkpoint = { commit: 'abcdef0', paths: ['a.ts'] };
    const when = given(...held).when('task.release', { ...grant, note: 'later', checkpoint });
    when.then(h.released(21, 'released', 0, { agentId: 'ada', note: 'later', checkpoint }));
    expect(when.state.tasks.get(id(21))).toMatchObject({ status: 'ready', note: 'later', checkpoint });
  });
  it('fail counts an attempt and returns the task', () =>
    given(...held)
      .when('task.fail', { ...grant, reason: 'broken' })
      .then(h.released(21, 'failed', 1, { agentId: 'ada', note: 'broken' })));
  it('parks the task exactly after the last attempt', () => {
    const twice = [
      h.project({ maxAttempts: 2 }),
      ...agents,
      h.task(21),
      h.claimed(21, 'ada', SESSION),
      h.released(21, 'failed', 1),
      h.claimed(21, 'ada', SESSION, 2, 2),
    ];
    const when = given(...twice).when('task.fail', { ...grant, epoch: 2, reason: 'broken' });
    when.then(
      h.released(21, 'failed', 2, { epoch: 2, agentId: 'ada', note: 'broken' }),
      h.parked(21, 2, 'attempt 2 of 2: broken', 'ada'),
    );
    expect(when.state.tasks.get(id(21))?.status).toBe('failed');
  });
  it('parks with a reason that is well-formed, however long the note', () => {
    const events = [h.project({ maxAttempts: 1 }), ...agents, h.task(21), h.claimed(21, 'ada', SESSION)];
    for (const note of ['😀'.repeat(2_048), `a${'😀'.repeat(2_047)}`]) {
      const parked = given(...events).when('task.fail', { ...grant, reason: note }).events[1];
      const reason = parked?.type === 'task.failed' ? parked.data.reason : '';
      expect(reason.length).toBeGreaterThan(4_000);
      expect(reason.length).toBeLessThanOrEqual(4_096);
      expect(/\p{Surrogate}/u.test(reason)).toBe(false);
    }
  });
  it('does not park what is given back without loss after maxAttempts was lowered', () => {
    const lowered = { type: 'project.updated', data: { settings: { maxAttempts: 1 } } } as const;
    given(...held, h.released(21, 'failed', 1), h.claimed(21, 'ada', SESSION, 2, 2), lowered)
      .when('task.release', { ...grant, epoch: 2 })
      .then(h.released(21, 'released', 1, { epoch: 2, agentId: 'ada' }));
  });
});

describe('task.block and task.unblock', () => {
  const blocked = {
    type: 'task.blocked',
    agentId: 'ada',
    data: { taskId: id(21), reason: 'r', waitingFor: 'bob' },
  } as const;

  it('block frees the agent, counts no attempt, and says whom the task waits for', () =>
    given(...held)
      .when('task.block', { ...grant, reason: 'r', waitingFor: 'bob' })
      .then(h.released(21, 'blocked', 0, { agentId: 'ada', note: 'r' }), blocked));
  it('block refuses to wait for an agent that is not there', () =>
    given(...held)
      .when('task.block', { ...grant, reason: 'r', waitingFor: 'zoe' })
      .then('agent_not_found'));
  it('unblock lets the task be claimed again', () => {
    const when = given(...held, h.released(21, 'blocked', 0), blocked).when('task.unblock', {
      taskId: id(21),
    });
    when.then({ type: 'task.unblocked', data: { taskId: id(21) } });
    expect(when.state.tasks.get(id(21))).toMatchObject({ status: 'ready', blockedReason: undefined });
  });
  it('unblock returns to waiting what got an open dependency while it was blocked', () => {
    const added = { type: 'dependency.added', data: { taskId: id(21), dependsOn: id(22) } } as const;
    const when = given(...held, h.task(22), h.released(21, 'blocked', 0), blocked, added).when(
      'task.unblock',
      { taskId: id(21) },
    );
    expect(when.state.tasks.get(id(21))?.status).toBe('pending');
  });
  it('unblock refuses what is not blocked', () => {
    given(...ready)
      .when('task.unblock', { taskId: id(21) })
      .then('task_not_blocked');
    given(...held, h.completed(21, 'ada'))
      .when('task.unblock', { taskId: id(21) })
      .then('task_not_blocked');
    given(...ready)
      .when('task.unblock', { taskId: unknown })
      .then('task_not_found');
  });
});

describe('task.timeout', () => {
  const settings = { silenceMs: 60_000, claimMs: 600_000 };
  const quiet = [h.project(settings), ...agents, h.task(21), h.claimed(21, 'ada', SESSION)];
  const ask = { taskId: id(21), epoch: 1 };
  const claimedAt = NOW - 60_000;
  const silent = { type: 'task.silent', agentId: 'ada', data: { ...ask, silentMs: 60_000 } } as const;

  it('leaves a holder alone until it was silent for the silence limit', () =>
    given(...quiet)
      .when('task.timeout', ask, { now: claimedAt + 59_999 })
      .then('lease_live'));
  it('asks a silent holder once', () => {
    given(...quiet)
      .when('task.timeout', ask, { now: claimedAt + 60_000 })
      .then(silent);
    given(...quiet, silent)
      .when('task.timeout', ask, { now: claimedAt + 119_999 })
      .then('lease_live');
  });
  it('returns the task after twice the silence limit, as a lost attempt', () =>
    given(...quiet, silent)
      .when('task.timeout', ask, { now: claimedAt + 120_000 })
      .then(h.released(21, 'silent', 1)));
  it('begins to count anew with every progress', () => {
    const progress = { type: 'task.progress', agentId: 'ada', data: { ...ask, percent: 1 } } as const;
    const { state, when } = given(...quiet, silent, progress);
    expect(state.tasks.get(id(21))?.askedAt).toBeUndefined();
    when('task.timeout', ask, { now: claimedAt + 59_999 }).then('lease_live');
  });
  it('returns a task held longer than a claim may last, however busy its holder', () =>
    given(...quiet)
      .when('task.timeout', ask, { now: claimedAt + 600_000 })
      .then(h.released(21, 'too_long', 1)));
  it('parks it when that was the last attempt', () => {
    const last = [
      h.project({ ...settings, maxAttempts: 1 }),
      ...agents,
      h.task(21),
      h.claimed(21, 'ada', SESSION),
    ];
    given(...last)
      .when('task.timeout', ask, { now: claimedAt + 120_000 })
      .then(h.released(21, 'silent', 1), h.parked(21, 1, 'attempt 1 of 1: silent'));
  });
  it('refuses a grant that is over', () => {
    given(...quiet, h.released(21, 'released', 0))
      .when('task.timeout', ask)
      .then('stale_epoch');
    given(...quiet)
      .when('task.timeout', { ...ask, epoch: 2 })
      .then('stale_epoch');
    given(...quiet, h.completed(21, 'ada'))
      .when('task.timeout', ask)
      .then('task_not_found');
  });
});
