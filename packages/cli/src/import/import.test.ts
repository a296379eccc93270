import { PLAN_ITEMS_MAX } from '@agentmix/act-contract';
import { describe, expect, it } from 'vitest';
import { readPlan } from '../plan/index.ts';
import { chunksOf } from './chunks.ts';
import { tallyItems } from './send-plan.ts';
import { toWirePlan } from './wire-plan.ts';

const read = (text: string) => toWirePlan(readPlan(text, { fileName: 'plan.yaml' }), false);

describe('a plan for the hub', () => {
  it('gives a nested phase what the phases around it wait for, and lets others wait for what is inside', () => {
    const { phases } = read(`
phases:
  - { key: first, title: First }
  - { key: outer, title: Outer, dependsOn: [first] }
  - { key: inner, title: Inner, parent: outer }
  - { key: last, title: Last, dependsOn: [outer] }
tasks:
  - { key: a, title: A, phase: first }
  - { key: b, title: B, phase: inner }
  - { key: c, title: C, phase: last }
`);
    expect(Object.fromEntries(phases.map(({ key, dependsOn }) => [key, dependsOn]))).toEqual({
      first: [],
      outer: ['first'],
      inner: ['first'],
      // Nobody waits for a phase without tasks of its own: it would never complete.
      last: ['inner'],
    });
  });

  it('gives a capability without a level level 1', () => {
    expect(read('tasks:\n  - { key: a, title: A, requires: [rust] }\n').tasks[0]?.requires).toEqual([
      { name: 'rust', level: 1 },
    ]);
  });

  it('is one command if it fits, else all phases come before the first task', () => {
    const task = (key: string) => ({ key, title: key });
    const phases = [{ key: 'p', name: 'P' }];
    const small = { phases, tasks: [task('a')], notes: [] };
    expect(chunksOf(small)).toEqual([{ phases, tasks: [task('a')] }]);
    const tasks = Array.from({ length: PLAN_ITEMS_MAX + 1 }, (_, at) => task(`t${at}`));
    const chunks = chunksOf({ phases, tasks, notes: [] });
    expect(chunks.map((chunk) => [chunk.phases.length, chunk.tasks.length])).toEqual([
      [1, 0],
      [0, PLAN_ITEMS_MAX],
      [0, 1],
    ]);
    expect(chunks.flatMap((chunk) => chunk.tasks)).toEqual(tasks);
  });

  it('counts an item that became a phase only once', () => {
    const tally = (created: number) => ({ created, updated: 0, unchanged: 0 });
    expect(tallyItems({ tasks: tally(5), phases: tally(3), edges: 0 }, 7)).toEqual(tally(7));
    expect(tallyItems({ tasks: tally(5), phases: tally(3), edges: 0 }, 5)).toEqual(tally(5));
  });
});
