import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lowerBound } from './lower-bound.ts';
import type { Agent, Instance, Task } from './parse.ts';
import { canDo } from './parse.ts';
import { makeFlow } from './reference.ts';
import { simulate } from './simulate.ts';
import { validateSchedule } from './validate.ts';

const RUNS = 500;

function task(id: string, duration: number, skill: string, predecessors: readonly string[] = []): Task {
  return { id, duration, skill, level: 0, predecessors };
}

function agent(id: string, ...skills: readonly string[]): Agent {
  return { id, skills: Object.fromEntries(skills.map((skill) => [skill, 0])) };
}

/** The optimum by trying every order and every capable agent: each schedule can be shifted left into one of these. */
function optimum(instance: Instance): number {
  let best = Number.POSITIVE_INFINITY;
  const ends = new Map<string, number>();
  const freeAt = new Map<string, number>();
  function extend(latest: number): void {
    if (latest >= best) return;
    if (ends.size === instance.tasks.length) best = latest;
    for (const each of instance.tasks) {
      if (ends.has(each.id) || !each.predecessors.every((id) => ends.has(id))) continue;
      for (const by of instance.agents.filter((candidate) => canDo(candidate, each))) {
        const free = freeAt.get(by.id) ?? 0;
        const end = Math.max(free, ...each.predecessors.map((id) => ends.get(id) ?? 0)) + each.duration;
        ends.set(each.id, end);
        freeAt.set(by.id, end);
        extend(Math.max(latest, end));
        ends.delete(each.id);
        freeAt.set(by.id, free);
      }
    }
  }
  extend(0);
  return best;
}

const skillArbitrary = fc.record({ skill: fc.constantFrom('Q0', 'Q1', 'Q2'), level: fc.nat(1) });

/** Up to 5 tasks and 3 agents; tasks that nobody could do ask for something the first agent has. */
const instanceArbitrary: fc.Arbitrary<Instance> = fc
  .record({
    agents: fc.array(fc.array(skillArbitrary, { minLength: 1, maxLength: 3 }), {
      minLength: 1,
      maxLength: 3,
    }),
    tasks: fc.array(fc.record({ duration: fc.nat(9), need: skillArbitrary, after: fc.array(fc.nat(4)) }), {
      minLength: 1,
      maxLength: 5,
    }),
  })
  .map((drawn) => {
    const agents = drawn.agents.map((skills, index) => ({
      id: `a${index}`,
      skills: Object.fromEntries(skills.map(({ skill, level }) => [skill, level])),
    }));
    const [fallback = ['Q0', 0]] = Object.entries(agents[0]?.skills ?? {});
    const tasks = drawn.tasks.map(({ duration, need, after }, index): Task => {
      const predecessors = [...new Set(after)]
        .filter((before) => before < index)
        .map((before) => `t${before}`);
      const wanted = { id: `t${index}`, duration, ...need, predecessors };
      if (agents.some((each) => canDo(each, wanted))) return wanted;
      return { ...wanted, skill: fallback[0], level: fallback[1] };
    });
    return { name: 'drawn', tasks, agents };
  });

describe('lowerBound', () => {
  it('never exceeds the optimum of a tiny instance', () => {
    fc.assert(
      fc.property(instanceArbitrary, (instance) => {
        expect(lowerBound(instance)).toBeLessThanOrEqual(optimum(instance));
      }),
      { numRuns: RUNS },
    );
  });

  it('never exceeds a validated schedule of the reference policy', () => {
    fc.assert(
      fc.property(instanceArbitrary, (instance) => {
        const makespan = validateSchedule(instance, simulate(instance, makeFlow()));
        expect(lowerBound(instance)).toBeLessThanOrEqual(makespan);
        expect(optimum(instance)).toBeLessThanOrEqual(makespan);
      }),
      { numRuns: RUNS },
    );
  });

  it('is the critical path where agents abound', () => {
    const tasks = [task('1', 3, 'x'), task('2', 4, 'x', ['1']), task('3', 5, 'x')];
    expect(lowerBound({ name: 'path', tasks, agents: [agent('a', 'x'), agent('b', 'x')] })).toBe(7);
  });

  it('is the work of the scarcest skill per agent, rounded up', () => {
    const tasks = [task('1', 3, 'x'), task('2', 4, 'x'), task('3', 4, 'x'), task('4', 2, 'y')];
    const agents = [agent('a', 'x'), agent('b', 'x', 'y'), agent('c', 'y')];
    expect(lowerBound({ name: 'work', tasks, agents })).toBe(6);
  });

  it('adds the work of a scarce skill to what must come before and after it', () => {
    const middle = ['2', '3', '4'].map((id) => task(id, 5, 'x', ['1']));
    const tasks = [task('1', 2, 'y'), ...middle, task('5', 4, 'y', ['2', '3', '4'])];
    expect(lowerBound({ name: 'window', tasks, agents: [agent('a', 'x'), agent('b', 'y')] })).toBe(21);
  });

  it('counts the part of a task that every position puts into a window', () => {
    // In a makespan of 14 task 3 (4 units) runs inside [3, 11], and of task 2 at least 5 units do: 9 do not fit into 8.
    const tasks = [
      task('1', 1, 'y'),
      task('2', 8, 'x', ['1']),
      task('3', 4, 'x', ['4']),
      task('4', 3, 'z'),
      task('5', 3, 'z', ['3']),
    ];
    const agents = [agent('a', 'x'), agent('b', 'y'), agent('c', 'z'), agent('d', 'z')];
    expect(lowerBound({ name: 'energy', tasks, agents })).toBe(15);
  });
});
