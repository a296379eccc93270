import { describe, expect, it } from 'vitest';
import type { EventData, NewEvent } from '@agentmix/act-contract';
import { given, happened as h, id } from '../../../testing/src/given.ts';

const start = [h.project(), h.joined('ada', 11), h.joined('bob', 12), h.joined('cleo', 13)];
const held = { 21: { sessionId: id(11) }, 22: { sessionId: id(12) }, 23: { sessionId: id(13) } } as const;
const tasks = (more: Partial<EventData<'task.created'>> = {}): NewEvent[] => [
  h.task(21, more),
  h.task(22, more),
  h.task(23, more),
];
const claims = [h.claimed(21, 'ada', 11), h.claimed(22, 'bob', 12), h.claimed(23, 'cleo', 13)];
const blocked = (number: number, agentId: string, waitingFor: string): NewEvent[] => [
  h.released(number, 'blocked', 0, { agentId }),
  { type: 'task.blocked', agentId, data: { taskId: id(number), reason: 'waits', waitingFor } },
];
const block = (number: 21 | 22 | 23, waitingFor: string) => ({
  taskId: id(number),
  ...held[number],
  epoch: 1,
  reason: 'waits',
  waitingFor,
});
const reserved = (agentId: string, session: number, path: string): NewEvent => ({
  type: 'reservation.granted',
  agentId,
  data: {
    sessionId: id(session),
    regions: [{ reservationId: id(500 + session), path, mode: 'exclusive' }],
  },
});
const detectedIn = (events: readonly NewEvent[]): EventData<'conflict.detected'>[] =>
  events.flatMap((event) => (event.type === 'conflict.detected' ? [event.data] : []));
const freedIn = (events: readonly NewEvent[]): string[] =>
  events.flatMap((event) => (event.type === 'task.unblocked' ? [event.data.taskId] : []));

describe('agents whose blocked tasks wait in a circle', () => {
  const project = given(...start, ...tasks(), ...claims, ...blocked(21, 'ada', 'bob'));

  it('of three are a deadlock as soon as the last one blocks', () => {
    const { when } = given(
      ...start,
      ...tasks(),
      ...claims,
      ...blocked(21, 'ada', 'bob'),
      ...blocked(22, 'bob', 'cleo'),
    );
    const { events } = when('task.block', block(23, 'ada'));
    const [conflict] = detectedIn(events);
    expect(conflict).toMatchObject({
      conflictType: 'dependency_deadlock',
      involvedAgents: ['cleo', 'ada', 'bob'],
      taskIds: [id(23), id(21), id(22)],
    });
    expect(freedIn(events)).toHaveLength(1);
  });

  it('lose the task of which the least was done, which keeps its checkpoint', () => {
    const progress: NewEvent = {
      type: 'task.progress',
      agentId: 'ada',
      data: { taskId: id(21), epoch: 1, percent: 60 },
    };
    const { when } = given(...start, ...tasks(), ...claims, progress, ...blocked(21, 'ada', 'bob'));
    const done = when('task.block', { ...block(22, 'ada'), checkpoint: { note: 'half' } });
    expect(freedIn(done.events)).toEqual([id(22)]);
    expect(done.state.tasks.get(id(22))).toMatchObject({ status: 'ready', checkpoint: { note: 'half' } });
  });

  it('are none while the chain is open', () => {
    expect(detectedIn(project.when('task.block', block(22, 'cleo')).events)).toEqual([]);
  });

  it('are none when somebody says to wait for itself', () => {
    const { when } = given(...start, ...tasks(), ...claims);
    expect(detectedIn(when('task.block', block(21, 'ada')).events)).toEqual([]);
  });

  it('are none where one of them only waits for a region, which the other gives back sooner or later', () => {
    const { when } = given(
      ...start,
      ...tasks(),
      ...claims,
      reserved('ada', 11, 'src/a.ts'),
      ...blocked(21, 'ada', 'bob'),
    );
    const request = { sessionId: id(12), regions: [{ path: 'src/a.ts' }], wait: true };
    expect(detectedIn(when('reservation.request', request).events)).toEqual([]);
  });

  it('leave no circle behind, however many a new wait closes', () => {
    const more = [h.task(24), h.claimed(24, 'bob', 12)];
    const { when } = given(
      ...start,
      ...tasks(),
      ...claims,
      ...more,
      ...blocked(22, 'bob', 'ada'),
      ...blocked(24, 'bob', 'ada'),
    );
    const done = when('task.block', { ...block(21, 'bob'), checkpoint: { note: 'far' } });
    const left = [...done.state.tasks.values()].filter(({ status }) => status === 'blocked');
    expect(new Set(left.map(({ blockedBy }) => blockedBy)).size).toBe(1);
    expect(detectedIn(done.events).length).toBeGreaterThan(0);
  });
});

describe('a granted task that another agent seems to do already', () => {
  const claim = { taskId: id(22), sessionId: id(12) };
  const reasonsOf = (events: readonly NewEvent[]): string[] =>
    events.flatMap((event) => (event.type === 'task.claimed' ? event.data.reasons : []));
  const tried = (one: Partial<EventData<'task.created'>>, other: Partial<EventData<'task.created'>>) =>
    given(...start, h.task(21, one), h.task(22, other), h.claimed(21, 'ada', 11)).when('task.claim', claim)
      .events;

  it('is told in the reasons of the grant and raised, and the first goes on', () => {
    const events = tried({ title: 'Fix the log-in page' }, { title: 'fix the Log in PAGE!' });
    expect(reasonsOf(events)).toContain(`ada may do the same in task ${id(21)}: the same title`);
    expect(detectedIn(events)[0]).toMatchObject({
      conflictType: 'capability_overlap',
      involvedAgents: ['ada', 'bob'],
    });
    expect(events.at(-1)).toMatchObject({ data: { resolution: { keeps: 'ada', yields: ['bob'] } } });
  });

  it.each([
    ['the same files', ['a.ts', 'b.ts'], ['b.ts', 'a.ts'], 1],
    ['nearly all files', ['a.ts', 'b.ts', 'c.ts', 'd.ts'], ['a.ts', 'b.ts', 'c.ts', 'd.ts', 'e.ts'], 1],
    ['half of the files', ['a.ts', 'b.ts'], ['a.ts', 'b.ts', 'c.ts', 'd.ts'], 0],
    ['one file', ['a.ts'], ['a.ts'], 0],
    ['directories', ['src/', 'docs'], ['src/', 'docs'], 0],
    ['patterns', ['src/*.ts', 'docs/**/x.md'], ['src/*.ts', 'docs/**/x.md'], 0],
  ])('is judged by its files: %s', (_what, one, other, conflicts) => {
    expect(detectedIn(tried({ filePaths: one }, { filePaths: other }))).toHaveLength(conflicts);
  });

  it('is none where other work on the same files is another kind', () => {
    const filePaths = ['a.ts', 'b.ts'];
    expect(detectedIn(tried({ filePaths }, { filePaths, type: 'review' }))).toEqual([]);
  });

  it.each([
    ['another kind of work', { type: 'review' }],
    ['other files', { filePaths: ['b.ts'] }],
    ['another phase', { phaseId: id(31) }],
  ])('is none where the same title stands for %s', (_what, more) => {
    const title = 'Fix the log-in page';
    const { when } = given(
      ...start,
      h.phase(31),
      h.task(21, { title, filePaths: ['a.ts'] }),
      h.task(22, { title, filePaths: ['a.ts'], ...more }),
      h.claimed(21, 'ada', 11),
    );
    expect(detectedIn(when('task.claim', claim).events)).toEqual([]);
  });

  it('is none where a third open task bears the title: it is a template’s', () => {
    const title = 'Fix the log-in page';
    const { when } = given(...start, ...tasks({ title }), h.claimed(21, 'ada', 11));
    expect(detectedIn(when('task.claim', claim).events)).toEqual([]);
  });

  it('is none where the title says too little, or the agent itself does the other', () => {
    expect(detectedIn(tried({ title: 'fix tests' }, { title: 'fix tests' }))).toEqual([]);
    const title = 'Fix the log-in page';
    const { when } = given(...start, h.task(21, { title }), h.task(22, { title }), h.claimed(21, 'bob', 12));
    expect(detectedIn(when('task.claim', claim).events)).toEqual([]);
  });
});

describe('a far more urgent task that becomes ready', () => {
  const busy = [...tasks({ priority: 4 }), ...claims];
  const create = { title: 'urgent', priority: 0 };

  it('offers a pre-emption while all who can do it are busy, and forces none', () => {
    const { events } = given(...start, ...busy).when('task.create', create);
    expect(detectedIn(events)[0]).toMatchObject({ conflictType: 'priority_mismatch' });
    expect(events.at(-1)).toMatchObject({
      type: 'conflict.escalated',
      data: { safeDefault: 'finish_first', options: [{ id: 'finish_first' }, { id: 'preempt' }] },
    });
    expect(events.some(({ type }) => type === 'task.released')).toBe(false);
  });

  it('asks nobody while a capable agent is idle, or the difference is small, or nobody could do it', () => {
    const idle = given(...start, ...busy, h.joined('dan', 14));
    expect(detectedIn(idle.when('task.create', create).events)).toEqual([]);
    const near = given(...start, ...tasks({ priority: 1 }), ...claims);
    expect(detectedIn(near.when('task.create', create).events)).toEqual([]);
    const unable = { ...create, requires: [{ name: 'sql', level: 50 }] };
    expect(detectedIn(given(...start, ...busy).when('task.create', unable).events)).toEqual([]);
  });

  it('asks nobody for what is no more urgent than usual', () => {
    const usual = { ...create, priority: 2 };
    expect(detectedIn(given(...start, ...busy).when('task.create', usual).events)).toEqual([]);
  });

  it('asks no second time because the task is worded anew, and withdraws the question when its urgency goes', () => {
    const project = given(...start, ...busy, h.task(24, { priority: 0 }));
    project.when('task.update', { taskId: id(24), title: 'worded anew' });
    expect(project.state.conflicts.size).toBe(0);
    project.when('task.update', { taskId: id(24), priority: 3 }).then({
      type: 'task.updated',
      data: { taskId: id(24), priority: 3 },
    });
    project.when('task.update', { taskId: id(24), priority: 1 });
    expect(project.state.conflicts.size).toBe(1);
    project.when('task.update', { taskId: id(24), priority: 4 });
    expect(project.state.conflicts.size).toBe(0);
  });

  it('counts whoever has just finished as idle', () => {
    const waiting = h.waiting(25, [21], { priority: 0 });
    const { when } = given(...start, ...tasks({ priority: 4 }), waiting, ...claims);
    const { events } = when('task.complete', { taskId: id(21), ...held[21], epoch: 1 });
    expect(events.some(({ type }) => type === 'task.ready')).toBe(true);
    expect(detectedIn(events)).toEqual([]);
  });

  it('asks no second time about the same held task, and withdraws the question when somebody takes it', () => {
    const project = given(...start, ...busy);
    let made = 100;
    const newId = (): string => id(++made);
    const [first] = project.when('task.create', create, { newId }).events;
    const urgent = first?.type === 'task.created' ? first.data.taskId : '';
    const more = [0, 1, 2, 3].map(
      (at) => project.when('task.create', { ...create, title: `u${at}` }, { newId }).events,
    );
    expect(more.flatMap(detectedIn)).toHaveLength(2);
    project.when('task.complete', { taskId: id(21), ...held[21], epoch: 1 });
    const { events } = project.when('task.claim', { taskId: urgent, sessionId: id(11) });
    expect(events.some((event) => event.type === 'conflict.resolved')).toBe(true);
    expect(events).toContainEqual(
      expect.objectContaining({
        data: expect.objectContaining({
          resolution: expect.objectContaining({ choice: 'moved_on', by: 'rule' }) as unknown,
        }) as unknown,
      }),
    );
  });

  it('is inherited by what it depends on, also while that is held', () => {
    const project = given(...start, ...tasks({ priority: 4 }), ...claims);
    const { state } = project.when('task.create', { ...create, dependencies: [id(21), id(22), id(23)] });
    expect(state.tasks.get(id(21))?.urgency).toBe(0);
    expect(state.conflicts.size).toBe(0);
  });
});
