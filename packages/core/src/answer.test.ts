import { describe, expect, it } from 'vitest';
import type { CommandArguments, FramedEvent } from '@agentmix/act-contract';
import { given, happened as h, id, newId } from '../../testing/src/given.ts';
import { commandOf } from '../../testing/src/records.ts';
import { answer } from './answer.ts';
import type { LaneCommandName } from './decide.ts';

/** What a command answers after its events were committed. */
const answerTo = <N extends LaneCommandName>(
  events: Parameters<typeof given>,
  name: N,
  input: CommandArguments<N>,
): unknown => {
  const when = given(...events).when(name, input);
  // Answers look at no sequence number or priority.
  return answer(commandOf(name, input), when.events as FramedEvent[], when.state);
};

const held = [
  h.project({ maxAttempts: 1 }),
  h.joined('ada', 11),
  h.task(21),
  h.claimed(21, 'ada', 11),
  h.waiting(22, [21]),
];
const grant = { taskId: id(21), sessionId: id(11), epoch: 1 };

describe('answer', () => {
  it('tells a registered agent its session and lease', () =>
    expect(answerTo([h.project()], 'agent.register', { agentId: 'ada' })).toEqual({
      agentId: 'ada',
      sessionId: newId(1),
      leaseMs: 30_000,
    }));
  it('tells an agent that resumes the session that it has', () =>
    expect(answerTo(held, 'agent.register', { agentId: 'ada', resume: true, leaseMs: 5_000 })).toEqual({
      agentId: 'ada',
      sessionId: id(11),
      leaseMs: 30_000,
    }));
  it('tells what a completion made ready', () =>
    expect(answerTo(held, 'task.complete', grant)).toMatchObject({ taskId: id(21), ready: [id(22)] }));
  it('tells a sender whether the recipient works, is idle or is gone', () => {
    const events = [...held, h.joined('bob', 12), h.joined('eve', 13), h.left('eve', 13, 'expired')];
    const sent = (to: string) =>
      answerTo(events, 'message.send', { sessionId: id(12), to, content: 'hello' });
    expect(sent('ada')).toMatchObject({ recipient: 'working' });
    expect(sent('bob')).toMatchObject({ recipient: 'idle' });
    expect(sent('eve')).toMatchObject({ recipient: 'offline' });
  });
  it('tells whether a failed task was parked', () =>
    expect(answerTo(held, 'task.fail', { ...grant, reason: 'r' })).toMatchObject({
      taskId: id(21),
      parked: true,
    }));
  it('gives a claim with its epoch, attempt and reasons', () => {
    const claim = { taskId: id(21), epoch: 1, attempt: 1, leaseMs: 30_000 };
    expect(answerTo(held.slice(0, 3), 'task.claim', { taskId: id(21), sessionId: id(11) })).toMatchObject(
      claim,
    );
    expect(answerTo(held.slice(0, 3), 'task.next', { sessionId: id(11) })).toMatchObject({ claim, open: 1 });
  });
  it('tells whoever asks again of the task that it holds, and gives no other', () => {
    const again = { sessionId: id(11), resume: true };
    const claim = { taskId: id(21), epoch: 1, attempt: 1, task: { id: id(21) } };
    expect(answerTo([...held, h.task(23)], 'task.next', again)).toMatchObject({ claim });
    expect(given(...held, h.task(23)).when('task.next', again).events).toEqual([]);
    const free = [h.project(), h.joined('ada', 11), h.task(23)];
    expect(answerTo(free, 'task.next', again)).toMatchObject({ claim: { taskId: id(23) } });
  });
  it('counts as open only what can still be brought forward, when there is no work', () => {
    const blocked = { type: 'task.blocked', data: { taskId: id(23), reason: 'r' } } as const;
    const events = [...held, h.task(23), blocked];
    expect(answerTo(events, 'task.next', { sessionId: id(11) })).toEqual({ open: 2 });
  });
  it('counts what a plan created, changed and left alone', () => {
    const plan = {
      tasks: [
        { key: 'a', title: 'a' },
        { key: 'b', title: 'b', dependsOn: ['a'] },
        { key: 'c', title: 'new', dependsOn: ['a'] },
      ],
    };
    const known = [h.project(), h.task(21, { key: 'a', title: 'a' }), h.task(23, { key: 'c', title: 'c' })];
    expect(answerTo(known, 'plan.apply', plan)).toEqual({ created: 1, updated: 1, unchanged: 1, edges: 2 });
  });
});
