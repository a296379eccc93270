import { describe, expect, it } from 'vitest';
import type { CommandArguments, NewEvent } from '@agentmix/act-contract';
import { CONFLICT_ANSWER_MS } from '@agentmix/act-contract';
import { given, happened as h, id, newId, NOW } from '../../../testing/src/given.ts';

const start = [h.project(), h.joined('ada', 11), h.joined('bob', 12)];
const report = (
  conflictType: CommandArguments<'conflict.report'>['conflictType'],
  taskIds: number[],
): CommandArguments<'conflict.report'> => ({
  conflictType,
  involvedAgents: ['ada', 'bob'],
  taskIds: taskIds.map(id),
  description: 'd',
});
const progressed = (number: number, agentId: string, percent: number): NewEvent => ({
  type: 'task.progress',
  agentId,
  data: { taskId: id(number), epoch: 1, percent },
});
const both = (first: number, second: number): NewEvent[] => [
  h.task(21, { priority: first }),
  h.task(22, { priority: second }),
  h.claimed(21, 'ada', 11),
  h.claimed(22, 'bob', 12),
];
const resolutionOf = (events: readonly NewEvent[]): unknown =>
  events.flatMap((event) => (event.type === 'conflict.resolved' ? [event.data.resolution] : []))[0];

describe('a conflict', () => {
  it('about a resource is kept by who began first', () => {
    const { events } = given(...start, ...both(2, 2)).when(
      'conflict.report',
      report('resource_contention', [21, 22]),
    );
    expect(resolutionOf(events)).toMatchObject({ choice: 'earlier_keeps', keeps: 'ada', yields: ['bob'] });
  });

  it('about a resource that far more urgent work wants is for people, who may pre-empt', () => {
    const project = given(...start, ...both(4, 0));
    const asked = project.when('conflict.report', report('resource_contention', [21, 22])).events;
    expect(asked[1]).toMatchObject({ type: 'conflict.escalated', data: { safeDefault: 'earlier_keeps' } });
    const done = project.when('conflict.resolve', { conflictId: newId(1), choose: 'preempt' }).events;
    expect(done[1]).toMatchObject({ type: 'task.released', data: { taskId: id(21), attempts: 0 } });
  });

  it('about two who do the same is kept by who is further along', () => {
    const { events } = given(...start, ...both(2, 2), progressed(22, 'bob', 60)).when(
      'conflict.report',
      report('capability_overlap', [21, 22]),
    );
    expect(resolutionOf(events)).toMatchObject({ choice: 'further_along_keeps', keeps: 'bob' });
  });

  it('about tasks that wait in a circle frees the one of which the least was done', () => {
    const blocked = (number: number, agentId: string): NewEvent[] => [
      h.released(number, 'blocked', 0, { agentId }),
      { type: 'task.blocked', agentId, data: { taskId: id(number), reason: 'waits' } },
    ];
    const { events } = given(
      ...start,
      ...both(2, 2),
      progressed(21, 'ada', 60),
      ...blocked(21, 'ada'),
      ...blocked(22, 'bob'),
    ).when('conflict.report', report('dependency_deadlock', [21, 22]));
    expect(events.at(-1)).toEqual({ type: 'task.unblocked', data: { taskId: id(22) } });
  });

  it('about priorities interrupts nobody', () => {
    const { events } = given(...start, ...both(4, 0)).when(
      'conflict.report',
      report('priority_mismatch', [21, 22]),
    );
    expect(events[1]).toMatchObject({ type: 'conflict.escalated', data: { safeDefault: 'finish_first' } });
  });

  it('that nobody answers gets its safe default, and not before its deadline', () => {
    const project = given(...start);
    project.when('conflict.report', report('capability_overlap', []));
    const expire = { conflictId: newId(1) };
    project.when('conflict.expire', expire, { now: NOW + CONFLICT_ANSWER_MS - 1 }).then();
    const { events } = project.when('conflict.expire', expire, { now: NOW + CONFLICT_ANSWER_MS });
    expect(resolutionOf(events)).toMatchObject({ choice: 'carry_on', by: 'deadline' });
  });

  it('is over when only one of its agents is left', () => {
    const project = given(...start);
    project.when('conflict.report', report('capability_overlap', []));
    const { events } = project.when('session.expire', { sessionId: id(12) });
    expect(resolutionOf(events)).toMatchObject({ choice: 'one_left', keeps: 'ada' });
  });

  it('has only its own options', () => {
    const project = given(...start);
    project.when('conflict.report', report('capability_overlap', []));
    project
      .when('conflict.resolve', { conflictId: newId(1), choose: 'preempt' })
      .then('option_not_found', { options: ['carry_on', 'keep:ada', 'keep:bob'] });
  });
});
