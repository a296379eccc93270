import { expect, it } from 'vitest';
import { CONTENTION_WAIT_MS } from '@agentmix/act-contract';
import type { CommandArguments, NewEvent } from '@agentmix/act-contract';
import { decide, hear, makeTalk, noChanges } from '@agentmix/act-core';
import type { LaneCommandName, TaskState } from '@agentmix/act-core';
import { contextOf, given, happened as h, id, NOW } from './given.ts';
import { applyEvents, commandOf } from './records.ts';
import { makeRandom } from './simulator/random.ts';

const SEEDS = 50;
const TASKS = 40;
const AGENTS = 6;
const STEPS_MAX = 2_000;
const STEP_MS = 1_000;

/** A plan as people write one: two tasks in three wait for others, with a file of its own, one of an earlier part, and one that all change. */
const planOf = (random: ReturnType<typeof makeRandom>): NewEvent[] =>
  Array.from({ length: TASKS }, (_, at) => {
    const more = {
      title: `Build the part of the program that has number ${at}`,
      priority: 1 + random.below(3),
      filePaths: [`src/part-${at}.ts`, `src/part-${random.below(at + 1)}.ts`, 'README.md'],
    };
    return at > 2 && random.chance(0.66)
      ? h.waiting(100 + at, [100 + random.below(at)], more)
      : h.task(100 + at, more);
  });

const play = (seed: number) => {
  const random = makeRandom(seed);
  const talk = makeTalk();
  const joined = Array.from({ length: AGENTS }, (_, at) => h.joined(`agent-${at}`, 11 + at));
  const { state } = given(h.project(), ...joined, ...planOf(random));
  const seen = { detected: [] as NewEvent[], queued: 0, blocked: 0 };
  let made = 0;
  let now = NOW;
  const give = <N extends LaneCommandName>(name: N, input: CommandArguments<N>): void => {
    const context = contextOf({ now, newId: () => id(10_000 + ++made), talk });
    const decision = decide(state, commandOf(name, input), context);
    if ('refusal' in decision) return;
    for (const event of decision.events) {
      hear(talk, event, now);
      if (event.type === 'conflict.detected') seen.detected.push(event);
      if (event.type === 'reservation.queued') seen.queued++;
      if (event.type === 'task.blocked') seen.blocked++;
    }
    applyEvents(state, decision.events, now, noChanges());
  };
  const work = (agent: number, sessionId: string, task: TaskState): void => {
    const grant = { taskId: task.id, sessionId, epoch: task.epoch };
    const act = random.below(20);
    const path = random.maybe(task.filePaths) ?? '';
    if (act < 5) give('reservation.release', { sessionId, committed: true });
    else if (act < 12)
      give('reservation.request', { sessionId, regions: [{ path }], taskId: task.id, wait: true });
    else if (act < 17) give('task.progress', { ...grant, percent: random.below(100) });
    else if (act < 18)
      give('task.block', { ...grant, reason: 'asked', waitingFor: `agent-${random.below(agent + 1)}` });
    else give('task.complete', grant);
  };
  for (let step = 0; step < STEPS_MAX && state.tasks.size > 0; step++, now += STEP_MS) {
    const agent = random.below(AGENTS);
    const sessionId = id(11 + agent);
    const own = [...state.tasks.values()].find((task) => task.sessionId === sessionId);
    const blocked = [...state.tasks.values()].find(({ status }) => status === 'blocked');
    if (own) work(agent, sessionId, own);
    else if (blocked && random.chance(0.5)) give('task.unblock', { taskId: blocked.id });
    else give('task.next', { sessionId });
    for (const [wantedBy, wanted] of state.reservations.queue)
      if ([...wanted.values()].some(({ since }) => now - since >= CONTENTION_WAIT_MS))
        give('conflict.contend', { wantedBy });
  }
  return { ...seen, left: state.tasks.size };
};

it(`raises no conflict in ${SEEDS} plans that agents work off, waiting now and then for each other`, () => {
  const totals = { queued: 0, blocked: 0, left: 0 };
  for (let seed = 1; seed <= SEEDS; seed++) {
    const played = play(seed);
    expect([seed, played.detected]).toEqual([seed, []]);
    for (const key of ['queued', 'blocked', 'left'] as const) totals[key] += played[key];
  }
  expect(totals.left).toBe(0);
  expect(Math.min(totals.queued, totals.blocked)).toBeGreaterThan(500);
});
