import { describe, expect, it } from 'vitest';
import type { Instance } from './parse.ts';
import type { Grant, Puller } from './policy.ts';
import { makeFifo, makeFlow, makeWeighted } from './reference.ts';
import { simulate } from './simulate.ts';
import { validateSchedule } from './validate.ts';

const INSTANCE: Instance = {
  name: 'pair',
  tasks: [
    { id: '1', duration: 2, skill: 'x', level: 0, predecessors: [] },
    { id: '2', duration: 3, skill: 'x', level: 1, predecessors: [] },
    { id: '3', duration: 4, skill: 'x', level: 0, predecessors: ['1'] },
  ],
  agents: [
    { id: 'junior', skills: { x: 0 } },
    { id: 'senior', skills: { x: 1 } },
  ],
};

function scripted(...grants: readonly Grant[]): Puller {
  let left = [grants];
  return {
    start: () => undefined,
    pull: () => {
      const [now = []] = left;
      left = [];
      return now;
    },
    complete: () => undefined,
  };
}

describe('simulate', () => {
  it('runs tasks on their agents as soon as they are granted', () => {
    const schedule = simulate(INSTANCE, makeFlow());
    expect(schedule).toEqual([
      { taskId: '1', agentId: 'junior', start: 0, end: 2 },
      { taskId: '2', agentId: 'senior', start: 0, end: 3 },
      { taskId: '3', agentId: 'junior', start: 2, end: 6 },
    ]);
    expect(validateSchedule(INSTANCE, schedule)).toBe(6);
  });

  it('hides durations from the policy but not from time', () => {
    const seen: number[] = [];
    const flow = makeFlow();
    const schedule = simulate(
      INSTANCE,
      {
        ...flow,
        start: (instance, options) => {
          seen.push(...instance.tasks.map((task) => task.duration));
          flow.start(instance, options);
        },
      },
      { durations: 'unknown' },
    );
    expect(seen).toEqual([1, 1, 1]);
    expect(validateSchedule(INSTANCE, schedule)).toBe(6);
  });

  it.each([makeFlow, makeWeighted, makeFifo])('gives a valid schedule with %o', (makePuller) => {
    expect(validateSchedule(INSTANCE, simulate(INSTANCE, makePuller()))).toBeGreaterThanOrEqual(6);
  });

  it.each<[string, Grant[], string]>([
    ['a task before its predecessor', [{ agentId: 'junior', taskId: '3' }], 'it is not ready'],
    ['an agent below the level', [{ agentId: 'junior', taskId: '2' }], 'lacks x at level 1'],
    ['an unknown agent', [{ agentId: 'nobody', taskId: '1' }], 'does not exist'],
    [
      'a busy agent',
      [
        { agentId: 'senior', taskId: '1' },
        { agentId: 'senior', taskId: '2' },
      ],
      'is busy',
    ],
    [
      'idling beside work it could do',
      [{ agentId: 'senior', taskId: '2' }],
      'agent junior idles while task 1',
    ],
  ])('refuses %s', (_, grants, message) => {
    expect(() => simulate(INSTANCE, scripted(...grants))).toThrow(message);
  });
});
