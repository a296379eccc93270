import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import type { NewEvent } from '@agentmix/act-contract';
import { given, happened as h, id } from '../../../testing/src/given.ts';

const sql = (level: number) => [{ name: 'sql', level }];
const ask = (session: number) => ({ sessionId: id(session) });

/** The number of the task that is claimed next; 0 when there is none. */
const nextOf = (events: NewEvent[], session = 11, seeking: number[] = []): number => {
  const when = given(...events).when('task.next', ask(session), { seeking: new Set(seeking.map(id)) });
  const [claimed] = when.events;
  return claimed?.type === 'task.claimed' ? Number(claimed.data.taskId.slice(-12)) : 0;
};

describe.each(['flow', 'weighted'] as const)('task.next by %s', (policy) => {
  const begin = [h.project({ policy }), h.joined('ada', 11)];

  it('claims nothing when nothing is ready', () => {
    given(...begin)
      .when('task.next', ask(11))
      .then();
    given(...begin, h.waiting(22, [21]))
      .when('task.next', ask(11))
      .then();
  });
  it('takes the most urgent task first', () =>
    expect(nextOf([...begin, h.task(21), h.task(22, { priority: 1 }), h.task(23)])).toBe(22));
  it('lets a task inherit the urgency of what waits for it, through any number of others', () => {
    const chain = [
      h.task(21, { priority: 4 }),
      h.waiting(22, [21], { priority: 3 }),
      h.waiting(23, [22], { priority: 0 }),
    ];
    expect(nextOf([...begin, h.task(24, { priority: 1 }), ...chain])).toBe(21);
  });
  it('takes the inheritance away when the urgent task is cancelled', () => {
    const cancelled: NewEvent = { type: 'task.cancelled', data: { taskId: id(22) } };
    const chain = [h.task(21, { priority: 4 }), h.waiting(22, [21], { priority: 0 })];
    expect(nextOf([...begin, h.task(24, { priority: 1 }), ...chain, cancelled])).toBe(24);
  });
  it('gives no task to an agent that lacks the skill', () => {
    expect(nextOf([...begin, h.task(21, { requires: sql(1) })])).toBe(0);
    expect(
      nextOf([h.project({ policy }), h.joined('ada', 11, sql(4)), h.task(21, { requires: sql(5) })]),
    ).toBe(0);
    expect(
      nextOf([h.project({ policy }), h.joined('ada', 11, sql(5)), h.task(21, { requires: sql(5) })]),
    ).toBe(21);
  });
  it('gives the caller work even when another seeker would be the better choice for all of it', () =>
    expect(
      nextOf(
        [h.project({ policy }), h.joined('ada', 11, sql(50)), h.joined('bob', 12), h.task(21)],
        11,
        [11, 12],
      ),
    ).toBe(21));
  it('takes the older of two like tasks', () => expect(nextOf([...begin, h.task(22), h.task(21)])).toBe(22));
  it('says why', () => {
    const [claimed] = given(...begin, h.task(21)).when('task.next', ask(11)).events;
    expect(claimed?.type === 'task.claimed' ? claimed.data.reasons.length : 0).toBeGreaterThan(0);
  });
  it('refuses a session that is not live', () =>
    given(...begin)
      .when('task.next', ask(99))
      .then('session_expired'));
});

describe('flow', () => {
  const begin = [h.project({ policy: 'flow' }), h.joined('ada', 11)];

  it('takes the task with the longest way to the end of the plan', () =>
    expect(
      nextOf([
        ...begin,
        h.task(21, { estimatedTime: 60 }),
        h.task(22, { estimatedTime: 20 }),
        h.waiting(23, [22], { estimatedTime: 50 }),
      ]),
    ).toBe(22));
  it('keeps an agent with a scarce skill for what needs it', () => {
    const agents = [h.joined('ada', 11, sql(50)), h.joined('bob', 12)];
    const tasks = [h.task(21), h.task(22, { requires: sql(1) })];
    expect(nextOf([h.project(), ...agents, ...tasks], 11, [11, 12])).toBe(22);
    expect(nextOf([h.project(), ...agents, ...tasks], 12, [11, 12])).toBe(21);
  });
});

describe('weighted', () => {
  it('takes the first to arrive among equally urgent tasks, however long', () =>
    expect(
      nextOf([
        h.project({ policy: 'weighted' }),
        h.joined('ada', 11),
        h.task(21),
        h.task(22, { estimatedTime: 500 }),
      ]),
    ).toBe(21));
});

const SKILLS = ['a', 'b', 'c'] as const;
const skill = fc.record(
  { name: fc.constantFrom(...SKILLS), level: fc.integer({ min: 0, max: 3 }) },
  { noNullPrototype: true },
);
const skills = fc.uniqueArray(skill, {
  selector: ({ name }) => name,
});

describe('work conservation', () => {
  const scene = fc.record({
    policy: fc.constantFrom('flow' as const, 'weighted' as const),
    agents: fc.array(skills, { minLength: 1, maxLength: 6 }),
    tasks: fc.array(
      fc.record({
        requires: skills,
        priority: fc.integer({ min: 0, max: 4 }),
        after: fc.array(fc.nat(20), { maxLength: 2 }),
      }),
      { maxLength: 20 },
    ),
    calls: fc.array(fc.nat(5), { maxLength: 30 }),
  });

  it('leaves no agent without work while a ready task is there that it can do, whoever else seeks', () => {
    fc.assert(
      fc.property(scene, ({ policy, agents, tasks, calls }) => {
        const created = tasks.map(({ requires, priority, after }, at) => {
          const dependencies = [
            ...new Set(after.filter((other) => other < at).map((other) => id(100 + other))),
          ];
          return h.task(100 + at, {
            requires,
            priority,
            dependencies,
            status: dependencies.length > 0 ? 'pending' : 'ready',
          });
        });
        const joined = agents.map((own, at) => h.joined(`agent-${at}`, 10 + at, own));
        const { state, when } = given(h.project({ policy }), ...joined, ...created);
        const seeking = new Set(agents.map((_, at) => id(10 + at)));
        for (const call of calls) {
          const caller = call % agents.length;
          const { events } = when('task.next', ask(10 + caller), { seeking });
          if (events.length > 0) continue;
          const own = agents[caller] ?? [];
          const left = [...state.tasks.values()].filter(
            ({ status, requires }) =>
              status === 'ready' &&
              requires.every((wanted) =>
                own.some(({ name, level }) => name === wanted.name && level >= wanted.level),
              ),
          );
          expect(left).toEqual([]);
        }
      }),
      { seed: 7, numRuns: 200 },
    );
  });
});
