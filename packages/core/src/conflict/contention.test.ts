import { describe, expect, it } from 'vitest';
import { CONTENTION_MS, CONTENTION_REFUSALS, CONTENTION_WAIT_MS } from '@agentmix/act-contract';
import type { CommandArguments, EventData, NewEvent } from '@agentmix/act-contract';
import { given, happened as h, id, NOW } from '../../../testing/src/given.ts';
import { commandOf } from '../../../testing/src/records.ts';
import { hear, makeTalk } from '../talk.ts';
import { hearRefusal } from './contention.ts';

const start = [h.project(), h.joined('ada', 11), h.joined('bob', 12)];
const reserved: NewEvent = {
  type: 'reservation.granted',
  agentId: 'ada',
  data: {
    sessionId: id(11),
    regions: [
      { reservationId: id(500), path: 'src/a.ts', ranges: [{ start: 1, lines: 9 }], mode: 'exclusive' },
    ],
  },
};
const request: CommandArguments<'reservation.request'> = {
  sessionId: id(12),
  regions: [{ path: 'src/a.ts', ranges: [{ start: 5, lines: 1 }] }],
};
const contend: CommandArguments<'conflict.contend'> = { wantedBy: id(12), reservationId: id(500) };
const detectedIn = (events: readonly NewEvent[]): EventData<'conflict.detected'>[] =>
  events.flatMap((event) => (event.type === 'conflict.detected' ? [event.data] : []));

/** Refusals of the same request at these times, as the memory beside the state hears them. */
const refusedAt = (...times: number[]) => {
  const { state } = given(...start, reserved);
  const talk = makeTalk();
  const command = commandOf('reservation.request', request);
  return times.map((at, nth) =>
    hearRefusal(talk, state, { id: id(700 + nth), command }, { code: 'region_reserved' }, at),
  );
};

describe('a session that is refused a region', () => {
  it('contends for it at the third time within ten minutes, and counts anew after that', () => {
    expect(CONTENTION_REFUSALS).toBe(3);
    const raised = { name: 'conflict.contend', input: contend };
    expect(refusedAt(NOW, NOW + 1, NOW + 2, NOW + 3)).toEqual([undefined, undefined, raised, undefined]);
    expect(refusedAt(NOW, NOW + 1, NOW + CONTENTION_MS + 1)).toEqual([undefined, undefined, undefined]);
  });

  it('counts a command once, however often it is decided', () => {
    const { state } = given(...start, reserved);
    const talk = makeTalk();
    const again = { id: id(700), command: commandOf('reservation.request', request) };
    const refusal = { code: 'region_reserved' } as const;
    expect([1, 2, 3, 4].map(() => hearRefusal(talk, state, again, refusal, NOW))).toEqual(
      Array.from({ length: 4 }),
    );
  });

  it('yields to who has it, by a rule, with the place in the event', () => {
    const { events } = given(...start, reserved).when('conflict.contend', contend);
    expect(detectedIn(events)[0]).toMatchObject({
      conflictType: 'resource_contention',
      involvedAgents: ['ada', 'bob'],
      place: 'src/a.ts',
    });
    expect(events[1]).toMatchObject({ data: { resolution: { choice: 'earlier_keeps', keeps: 'ada' } } });
  });

  it('raises nothing when the region was given back meanwhile', () => {
    const project = given(...start, reserved);
    project.when('reservation.release', { sessionId: id(11) });
    project.when('conflict.contend', contend).then();
  });

  it('raises it once for a pair and a file until the ten minutes are over', () => {
    const project = given(...start, reserved);
    const { events } = project.when('conflict.contend', contend);
    const talk = makeTalk();
    for (const event of events) hear(talk, event, NOW);
    project.when('conflict.contend', contend, { talk, now: NOW + CONTENTION_MS - 1 }).then();
    const later = project.when('conflict.contend', contend, { talk, now: NOW + CONTENTION_MS });
    expect(detectedIn(later.events)).toHaveLength(1);
  });

  it('raises it once while a question about it is open, which is withdrawn when who has it finishes', () => {
    const urgent = [
      h.task(21, { priority: 4 }),
      h.claimed(21, 'ada', 11),
      h.task(22, { priority: 0 }),
      h.claimed(22, 'bob', 12),
    ];
    const forTask = { ...reserved, data: { ...reserved.data, taskId: id(21) } } as NewEvent;
    const project = given(...start, ...urgent, forTask);
    const { events } = project.when('conflict.contend', contend);
    expect(events[1]).toMatchObject({ type: 'conflict.escalated' });
    project.when('conflict.contend', contend, { talk: makeTalk(), now: NOW + 2 * CONTENTION_MS }).then();
    const done = project.when('task.complete', { taskId: id(21), sessionId: id(11), epoch: 1 });
    const [resolved] = done.events.filter(({ type }) => type === 'conflict.resolved');
    expect(resolved).toMatchObject({ data: { resolution: { choice: 'moved_on' } } });
  });
});

describe('a session that waits for a region', () => {
  const wait = { wantedBy: id(12) };

  it('contends for it when it waited too long, and not before', () => {
    const project = given(...start, reserved);
    project.when('reservation.request', { ...request, wait: true });
    project.when('conflict.contend', wait, { now: NOW + CONTENTION_WAIT_MS - 1 }).then();
    const { events } = project.when('conflict.contend', wait, { now: NOW + CONTENTION_WAIT_MS });
    expect(detectedIn(events)[0]).toMatchObject({
      involvedAgents: ['ada', 'bob'],
      description: 'bob waits too long for src/a.ts, which ada has',
    });
  });

  it('contends for it once, however long it waits', () => {
    const project = given(...start, reserved);
    project.when('reservation.request', { ...request, wait: true });
    const talk = makeTalk();
    const raisedAt = (now: number): number => {
      const { events } = project.when('conflict.contend', wait, { talk, now });
      for (const event of events) hear(talk, event, now);
      return detectedIn(events).length;
    };
    expect(raisedAt(NOW + CONTENTION_WAIT_MS)).toBe(1);
    expect(raisedAt(NOW + CONTENTION_WAIT_MS + 1)).toBe(0);
    expect(raisedAt(NOW + CONTENTION_WAIT_MS + 3 * CONTENTION_MS)).toBe(0);
  });

  it('contends for nothing while others have it one after another, each for a short time', () => {
    const project = given(...start, h.joined('cleo', 13), reserved);
    for (const session of [13, 12])
      project.when(
        'reservation.request',
        { ...request, sessionId: id(session), wait: true },
        { newId: () => id(600 + session) },
      );
    const handedOn = NOW + CONTENTION_WAIT_MS - 1;
    const { events } = project.when('reservation.release', { sessionId: id(11) }, { now: handedOn });
    expect(events).toContainEqual(expect.objectContaining({ type: 'reservation.granted', agentId: 'cleo' }));
    project.when('conflict.contend', wait, { now: NOW + CONTENTION_WAIT_MS }).then();
  });
});
