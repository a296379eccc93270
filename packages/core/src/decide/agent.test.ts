import { commands, keyStatement, toBase64Url } from '@agentmix/act-contract';
import { describe, expect, it } from 'vitest';
import { given, happened as h, id, newId, PROJECT_ID } from '../../../testing/src/given.ts';
import { makeSigner } from '../../../testing/src/signatures.ts';

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
  it('goes on with the live session of an agent that resumes, and its tasks stay held', () => {
    const when = given(...holding).when('agent.register', { agentId: 'ada', resume: true });
    when.then();
    expect(when.state.agents.get('ada')?.sessionId).toBe(id(SESSION));
    expect(when.state.tasks.get(id(21))?.status).toBe('claimed');
  });
  it.each(['expired', 'disconnected'] as const)(
    'opens a session for an agent that resumes after its own %s',
    (reason) =>
      given(h.project(), h.joined('ada', SESSION), h.left('ada', SESSION, reason))
        .when('agent.register', { agentId: 'ada', resume: true })
        .then(registered(newId(1))),
  );
  it('keeps what the agent completed and lost before', () => {
    const { state } = given(...holding, h.completed(21, 'ada')).when('agent.register', { agentId: 'ada' });
    expect(state.agents.get('ada')?.completed.get('task')).toBe(1);
    expect(state.agents.get('ada')?.failed.get('task')).toBe(1);
  });
});

describe('agent.publish_keys', () => {
  const signer = makeSigner(1);
  const keys = { sealingKey: toBase64Url(new Uint8Array(32).fill(9)), signingKey: signer.signingKey };
  const proofFor = (agentId: string, projectId = PROJECT_ID): string =>
    signer.sign(keyStatement(projectId, agentId, keys));
  const publish = (proof: string) =>
    given(...holding).when('agent.publish_keys', { sessionId: id(SESSION), ...keys, proof });

  it('publishes keys that their owner has signed, and a new session keeps them', () => {
    const proof = proofFor('ada');
    const when = publish(proof);
    when.then({ type: 'agent.keys_published', agentId: 'ada', data: { ...keys, proof } });
    const seq = when.state.seq;
    expect(when.state.agents.get('ada')?.keys).toEqual({ ...keys, proof, seq });
    const again = given(...holding, ...when.events).when('agent.register', { agentId: 'ada' });
    expect(again.state.agents.get('ada')?.keys).toEqual({ ...keys, proof, seq });
  });
  it.each([
    ['of another agent', proofFor('bob')],
    ['of another project', proofFor('ada', id(2))],
    ['by another key', makeSigner(2).sign(keyStatement(PROJECT_ID, 'ada', keys))],
  ])('refuses a proof %s', (_what, proof) => publish(proof).then('proof_invalid'));
  it('refuses a key of small order, by which anybody can sign, before it is decided on', () => {
    const identity = toBase64Url(Uint8Array.from({ length: 32 }, (_, at) => (at === 0 ? 1 : 0)));
    const parsed = commands['agent.publish_keys'].input.safeParse({
      sessionId: id(SESSION),
      ...keys,
      signingKey: identity,
      proof: toBase64Url(new Uint8Array(64)),
    });
    expect(parsed.error?.issues).toMatchObject([{ path: ['signingKey'] }]);
  });
  it('refuses a session that is over', () =>
    given(...holding, h.left('ada', SESSION, 'disconnected'))
      .when('agent.publish_keys', { sessionId: id(SESSION), ...keys, proof: proofFor('ada') })
      .then('session_expired'));
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
