import { expect, it } from 'vitest';
import { CONFLICT_ANSWER_MS, CONFLICT_TYPES } from '@agentmix/act-contract';
import type { CommandArguments, NewEvent } from '@agentmix/act-contract';
import { decide, noChanges } from '@agentmix/act-core';
import type { LaneCommandName, ProjectState } from '@agentmix/act-core';
import { contextOf, expectDerived, given, happened as h, id, NOW } from './given.ts';
import { applyEvents, commandOf } from './records.ts';
import { makeRandom } from './simulator/random.ts';
import type { Random } from './simulator/random.ts';

const SCENARIOS = 1_200;
const STEPS = 12;
const TASKS = 6;

interface Scenario {
  readonly state: ProjectState;
  readonly random: Random;
  readonly agents: readonly string[];
  readonly events: NewEvent[];
  now: number;
  made: number;
}

const anyOf = (random: Random, words: readonly string[]): string => random.maybe(words) ?? '';

const sessionOf = ({ state }: Scenario, agentId: string): string =>
  state.agents.get(agentId)?.sessionId ?? id(99);

/** Gives a command; a refusal changes nothing. */
const give = <N extends LaneCommandName>(
  scenario: Scenario,
  name: N,
  input: CommandArguments<N>,
): readonly NewEvent[] => {
  const context = contextOf({ now: scenario.now, newId: () => id(10_000 + ++scenario.made) });
  const decision = decide(scenario.state, commandOf(name, input), context);
  if ('refusal' in decision) return [];
  applyEvents(scenario.state, decision.events, scenario.now, noChanges());
  scenario.events.push(...decision.events);
  return decision.events;
};

const begin = (seed: number): Scenario => {
  const random = makeRandom(seed);
  const agents = ['ada', 'bob', 'cleo', 'dan'].slice(0, 2 + random.below(3));
  const tasks = Array.from({ length: TASKS }, (_, at) =>
    at > 1 && random.chance(0.3)
      ? h.waiting(21 + at, [21 + random.below(at)], { priority: random.below(5) })
      : h.task(21 + at, { priority: random.below(5) }),
  );
  const joined = agents.map((agentId, at) => h.joined(agentId, 11 + at));
  const { state } = given(h.project(), ...joined, ...tasks);
  return { state, random, agents, events: [], now: NOW, made: 0 };
};

const work = (scenario: Scenario): void => {
  const { random, state, agents } = scenario;
  const agentId = anyOf(random, agents);
  const sessionId = sessionOf(scenario, agentId);
  const held = [...state.tasks.values()].find((task) => task.sessionId === sessionId);
  const grant = held && { taskId: held.id, sessionId, epoch: held.epoch };
  const path = `src/${random.below(2)}.ts`;
  const act = random.below(9);
  if (act === 0) give(scenario, 'session.expire', { sessionId });
  else if (act === 1) give(scenario, 'agent.register', { agentId });
  else if (act === 2) give(scenario, 'reservation.request', { sessionId, regions: [{ path }], wait: true });
  else if (!grant) give(scenario, 'task.next', { sessionId });
  else if (act === 3) give(scenario, 'task.complete', grant);
  else if (act === 4)
    give(scenario, 'task.block', { ...grant, reason: 'waits', waitingFor: anyOf(random, agents) });
  else give(scenario, 'task.progress', { ...grant, percent: random.below(100) });
};

const report = (scenario: Scenario, type: (typeof CONFLICT_TYPES)[number]): void => {
  const { random, state, agents } = scenario;
  const known = [...state.tasks.keys()];
  give(scenario, 'conflict.report', {
    conflictType: type,
    involvedAgents: [anyOf(random, agents), anyOf(random, agents)],
    taskIds: random.some(known, 4),
    description: 'both',
  });
};

const decideSome = (scenario: Scenario): void => {
  const { random, state } = scenario;
  for (const { id: conflictId, question } of state.conflicts.values())
    if (question && random.chance(0.2))
      give(scenario, 'conflict.resolve', {
        conflictId,
        choose: anyOf(
          random,
          question.options.map((option) => option.id),
        ),
      });
};

/** Every open conflict has been put to people, and no task is held by somebody who is not there. */
const check = ({ state }: Scenario): void => {
  for (const { question, deadline } of state.conflicts.values()) {
    expect(question?.options.map((option) => option.id)).toContain(question?.safeDefault);
    expect(deadline).toBeTypeOf('number');
  }
  for (const { status, sessionId } of state.tasks.values())
    expect(status !== 'claimed' || state.sessions.has(sessionId ?? '')).toBe(true);
};

/** Grants and ends of grants, as the log tells them: a claim is never lost between. */
const checkClaims = ({ events, state }: Scenario): void => {
  const held = new Set<string>();
  for (const event of events) {
    if (event.type === 'task.claimed') {
      expect(held.has(event.data.taskId)).toBe(false);
      held.add(event.data.taskId);
    } else if (event.type === 'task.completed' || event.type === 'task.released')
      expect(held.delete(event.data.taskId)).toBe(true);
  }
  const claimed = [...state.tasks.values()].filter(({ status }) => status === 'claimed');
  expect([...held].sort()).toEqual(claimed.map((task) => task.id).sort());
  expect(state.tasks.size + state.closedTasks.size).toBe(TASKS);
};

const play = (seed: number): readonly NewEvent[] => {
  const scenario = begin(seed);
  const type = CONFLICT_TYPES[seed % CONFLICT_TYPES.length] ?? 'priority_mismatch';
  const at = 2 + scenario.random.below(STEPS - 4);
  for (let step = 0; step < STEPS; step++) {
    if (step === at || scenario.random.chance(0.1)) report(scenario, type);
    work(scenario);
    decideSome(scenario);
    check(scenario);
    scenario.now += scenario.random.below(120_000);
  }
  scenario.now += CONFLICT_ANSWER_MS;
  for (const conflictId of scenario.state.conflicts.keys()) give(scenario, 'conflict.expire', { conflictId });
  checkClaims(scenario);
  expect(scenario.state.conflicts.size).toBe(0);
  for (const sessionId of scenario.state.sessions.keys()) give(scenario, 'session.expire', { sessionId });
  expect(scenario.state.reservations.byId.size).toBe(0);
  expectDerived(scenario.state);
  return scenario.events;
};

it(
  `resolves or escalates every conflict in ${SCENARIOS} scenarios, and loses no claim`,
  { timeout: 300_000 },
  () => {
    const choices = new Set<string>();
    let detected = 0;
    for (let seed = 1; seed <= SCENARIOS; seed++) {
      const events = play(seed);
      const of = (type: NewEvent['type']): number => events.filter((event) => event.type === type).length;
      expect([seed, of('conflict.resolved')]).toEqual([seed, of('conflict.detected')]);
      detected += of('conflict.detected');
      for (const event of events)
        if (event.type === 'conflict.resolved') {
          const { choice, by } = event.data.resolution as { choice: string; by: string };
          choices.add(`${by} ${choice.replace(/:.*/, '')}`);
        }
    }
    expect(detected).toBeGreaterThanOrEqual(SCENARIOS);
    expect([...choices]).toEqual(
      expect.arrayContaining([
        'rule earlier_keeps',
        'rule further_along_keeps',
        'rule one_left',
        'rule nobody_left',
        'rule unblock',
        'rule order_by_urgency',
        'person preempt',
        'person keep',
        'deadline earlier_keeps',
        'deadline finish_first',
        'deadline carry_on',
      ]),
    );
  },
);
