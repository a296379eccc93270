import { describe, expect, it } from 'vitest';
import { given, happened as h, id, newId } from '../../../testing/src/given.ts';

const SESSION = 11;
const holding = [
  h.project(),
  h.joined('ada', SESSION),
  h.task(21),
  h.task(22),
  h.claimed(21, 'ada', SESSION),
  h.claimed(22, 'ada', SESSION),
];
const registered = (session: string, more = {}) =>
  ({
    type: 'agent.registered',
    agentId: 'ada',
    data: { sessionId: session, name: 'ada', capabilities: [], leaseMs: 30_000, ...more },
  }) as const;

describe('agent.register', () => {
  it('opens a session with the lease of the project', () =>
    given(h.project({ leaseMs: 45_000 }))
      .when('agent.register', { agentId: 'ada' })
      .then(registered(newId(1), { leaseMs: 45_000 })));
  it('takes the lease and the name that are asked for', () =>
    given(h.project())
      .when('agent.register', { agentId: 'ada', name: 'Ada', kind: 'codex', leaseMs: 5_000 })
      .then(registered(newId(1), { name: 'Ada', kind: 'codex', leaseMs: 5_000 })));
  it('ends an earlier session of the same agent first, and its tasks return as lost', () =>
    given(...holding)
      .when('agent.register', { agentId: 'ada' })
      .then(
        h.released(21, 'replaced', 1),
        h.released(22, 'replaced', 1),
        h.left('ada', SESSION, 'replaced'),
        registered(newId(1)),
      ));
  it('keeps what the agent completed and lost before', () => {
    const { state } = given(...holding, h.completed(21, 'ada')).when('agent.register', { agentId: 'ada' });
    expect(state.agents.get('ada')?.completed.get('task')).toBe(1);
    expect(state.agents.get('ada')?.failed.get('task')).toBe(1);
  });
});

describe('agent.disconnect', () => {
  it('returns the tasks at once without counting an attempt', () =>
    given(...holding)
      .when('agent.disconnect', { sessionId: id(SESSION) })
      .then(
        h.released(21, 'disconnected', 0),
        h.released(22, 'disconnected', 0),
        h.left('ada', SESSION, 'disconnected'),
      ));
  it('refuses a session that is not live', () =>
    given(...holding, h.left('ada', SESSION, 'expired'))
      .when('agent.disconnect', { sessionId: id(SESSION) })
      .then('session_expired'));
});

describe('session.expire', () => {
  it('returns the tasks in the same record, each as a lost attempt', () =>
    given(...holding)
      .when('session.expire', { sessionId: id(SESSION) })
      .then(h.released(21, 'expired', 1), h.released(22, 'expired', 1), h.left('ada', SESSION, 'expired')));
  it('parks a task whose last attempt is lost with the session', () =>
    given(h.project({ maxAttempts: 1 }), h.joined('ada', SESSION), h.task(21), h.claimed(21, 'ada', SESSION))
      .when('session.expire', { sessionId: id(SESSION) })
      .then(
        h.released(21, 'expired', 1),
        h.parked(21, 1, 'attempt 1 of 1: expired'),
        h.left('ada', SESSION, 'expired'),
      ));
  it('leaves a task’s checkpoint for the next holder', () => {
    const checkpoint = { note: 'half', commit: 'abcdef0' };
    const progress = {
      type: 'task.progress',
      agentId: 'ada',
      data: { taskId: id(21), epoch: 1, checkpoint },
    } as const;
    const { state } = given(...holding, progress).when('session.expire', { sessionId: id(SESSION) });
    expect(state.tasks.get(id(21))).toMatchObject({ status: 'ready', checkpoint });
  });
  it('refuses a session that has ended', () =>
    given(h.project())
      .when('session.expire', { sessionId: id(SESSION) })
      .then('session_expired'));
});

describe('counts of completed and lost tasks', () => {
  it.each(['constructor', '__proto__', 'toString'])('are numbers for tasks of the type %s too', (type) => {
    const { state } = given(
      h.project(),
      h.joined('ada', SESSION),
      h.task(21, { type }),
      h.claimed(21, 'ada', SESSION),
      h.released(21, 'failed', 1),
      h.claimed(21, 'ada', SESSION, 2, 2),
      h.completed(21, 'ada', 2),
    );
    expect([...(state.agents.get('ada')?.completed ?? [])]).toEqual([[type, 1]]);
    expect([...(state.agents.get('ada')?.failed ?? [])]).toEqual([[type, 1]]);
  });
});
