import { describe, expect, it } from 'vitest';
import { STATE_KEYS_MAX } from '@agentmix/act-contract';
import type { NewEvent } from '@agentmix/act-contract';
import { given, happened as h, id, newId } from '../../../testing/src/given.ts';

const start = [
  h.project(),
  h.joined('ada', 11, [{ name: 'sql', level: 10 }]),
  h.joined('bob', 12, [{ name: 'sql', level: 50 }]),
  h.task(21),
];
const speaker = { sessionId: id(11) };
const gone = { sessionId: id(99) };

describe('assistance', () => {
  const requested: NewEvent = {
    type: 'assistance.requested',
    agentId: 'ada',
    data: { requestId: id(41), question: 'q', requires: [], offeredTo: ['bob'] },
  };

  it('is offered to the live agents that have the skills, never to who asks', () => {
    const requires = [{ name: 'sql', level: 20 }];
    given(...start)
      .when('assistance.request', { ...speaker, question: 'q', requires })
      .then({
        type: 'assistance.requested',
        agentId: 'ada',
        data: { requestId: newId(1), question: 'q', requires, offeredTo: ['bob'] },
      });
    given(...start, h.left('bob', 12, 'expired'))
      .when('assistance.request', { ...speaker, question: 'q', requires })
      .then({
        type: 'assistance.requested',
        agentId: 'ada',
        data: { requestId: newId(1), question: 'q', requires, offeredTo: [] },
      });
  });
  it('stays open when declined and is over when accepted or closed', () => {
    const answered = (accepted: boolean) =>
      ({ type: 'assistance.answered', agentId: 'bob', data: { requestId: id(41), accepted } }) as const;
    const answer = { sessionId: id(12), requestId: id(41), accepted: true };
    given(...start, requested, answered(false))
      .when('assistance.answer', answer)
      .then(answered(true));
    given(...start, requested, answered(true))
      .when('assistance.answer', answer)
      .then('assistance_not_found');
    given(...start, requested)
      .when('assistance.close', { ...speaker, requestId: id(41) })
      .then({ type: 'assistance.closed', agentId: 'ada', data: { requestId: id(41) } });
    given(...start)
      .when('assistance.close', { ...speaker, requestId: id(41) })
      .then('assistance_not_found');
  });
});

describe('the live state', () => {
  const put = (key: string, version: number) =>
    ({ type: 'state.updated', data: { key, version, value: 1 } }) as const;

  it('gives a key the position of the change as its version', () =>
    given(h.project())
      .when('state.put', { key: 'k', value: [1] })
      .then({ type: 'state.updated', data: { key: 'k', version: 2, value: [1] } }));
  it('changes a key only at the expected version; 0 expects a new key', () => {
    const { when } = given(h.project(), put('k', 2));
    when('state.put', { key: 'k', value: 2, expectedVersion: 1 }).then('version_mismatch', {
      key: 'k',
      currentVersion: 2,
    });
    when('state.put', { key: 'k', value: 2, expectedVersion: 0 }).then('version_mismatch');
    when('state.put', { key: 'k', value: 1, expectedVersion: 2 }).then(put('k', 3));
    when('state.put', { key: 'new', value: 1, expectedVersion: 0 }).then(put('new', 4));
  });
  it('gives a key made anew another version than the old one had', () => {
    const deleted = { type: 'state.updated', data: { key: 'k', version: 3, deleted: true } } as const;
    given(h.project(), put('k', 2), deleted)
      .when('state.put', { key: 'k', value: 1, expectedVersion: 0 })
      .then(put('k', 4));
  });
  it('deletes a key, at the expected version only', () => {
    const { when } = given(h.project(), put('k', 2));
    when('state.delete', { key: 'x' }).then('key_not_found');
    when('state.delete', { key: 'k', expectedVersion: 1 }).then('version_mismatch');
    when('state.delete', { key: 'k' }).then({
      type: 'state.updated',
      data: { key: 'k', version: 3, deleted: true },
    });
  });
  it('holds a limited number of keys, known ones can still be changed', () => {
    const full = Array.from({ length: STATE_KEYS_MAX }, (_, at) => put(`k${at}`, at + 2));
    const { when } = given(h.project(), ...full);
    when('state.put', { key: 'more', value: 1 }).then('limit_reached');
    expect(when('state.put', { key: 'k0', value: 1 }).events).toHaveLength(1);
  });
  it('refuses a session that is not live', () =>
    given(h.project())
      .when('state.put', { key: 'k', value: 1, ...gone })
      .then('session_expired'));
});

describe('files and conflicts', () => {
  it('reports one event per file', () =>
    given(...start)
      .when('file.report', {
        ...speaker,
        taskId: id(21),
        changes: [
          { path: 'a', kind: 'created', checksum: 'ab' },
          { path: 'b', kind: 'deleted' },
        ],
      })
      .then(
        { type: 'file.created', agentId: 'ada', data: { path: 'a', checksum: 'ab', taskId: id(21) } },
        { type: 'file.deleted', agentId: 'ada', data: { path: 'b', taskId: id(21) } },
      ));
  it('refuses reports from no session or about no task', () => {
    const changes = [{ path: 'a', kind: 'created' as const }];
    given(...start)
      .when('file.report', { ...gone, changes })
      .then('session_expired');
    given(...start)
      .when('file.report', { ...speaker, taskId: id(99), changes })
      .then('task_not_found');
    given(...start)
      .when('file.watch', { ...gone, patterns: [] })
      .then('session_expired');
  });
  it('replaces the patterns of a session', () => {
    const { state, when } = given(...start);
    when('file.watch', { ...speaker, patterns: ['a'] });
    when('file.watch', { ...speaker, patterns: ['b'] });
    expect(state.sessions.get(id(11))?.patterns).toEqual(['b']);
  });
  it('records a conflict of known agents and tasks, and how it was resolved, once', () => {
    const conflict = {
      conflictType: 'resource_contention',
      involvedAgents: ['ada'],
      taskIds: [id(21)],
      description: 'd',
    } as const;
    const input = { ...conflict, involvedAgents: ['ada'], taskIds: [id(21)] };
    const { when } = given(...start);
    when('conflict.report', { ...input, involvedAgents: ['zoe'] }).then('agent_not_found');
    when('conflict.report', { ...input, taskIds: [id(99)] }).then('task_not_found');
    const [detected, escalated] = when('conflict.report', input).events;
    expect(detected).toEqual({ type: 'conflict.detected', data: { conflictId: newId(1), ...input } });
    expect(escalated?.type).toBe('conflict.escalated');
    const resolve = { conflictId: newId(1), resolution: 'ada goes on' };
    when('conflict.resolve', resolve).then({ type: 'conflict.resolved', data: resolve });
    when('conflict.resolve', resolve).then('conflict_not_found');
  });
});
