import { describe, expect, it } from 'vitest';
import type { Instance } from './parse.ts';
import type { Assignment } from './schedule.ts';
import { validateSchedule } from './validate.ts';

const INSTANCE: Instance = {
  name: 'pair',
  tasks: [
    { id: '1', duration: 2, skill: 'x', level: 0, predecessors: [] },
    { id: '2', duration: 3, skill: 'x', level: 1, predecessors: ['1'] },
  ],
  agents: [
    { id: 'junior', skills: { x: 0 } },
    { id: 'senior', skills: { x: 1 } },
    { id: 'other', skills: { y: 1 } },
  ],
};
const FIRST: Assignment = { taskId: '1', agentId: 'senior', start: 0, end: 2 };
const SECOND: Assignment = { taskId: '2', agentId: 'senior', start: 2, end: 5 };

describe('validateSchedule', () => {
  it('returns the latest end of a valid schedule', () => {
    expect(validateSchedule(INSTANCE, [SECOND, FIRST])).toBe(5);
  });

  it.each<[string, Assignment[], string]>([
    ['a missing task', [FIRST], 'task 2 is not scheduled'],
    ['a task done twice', [FIRST, SECOND, FIRST], 'task 1 is scheduled twice'],
    ['an unknown task', [FIRST, SECOND, { ...FIRST, taskId: '9' }], '3 assignments for 2 tasks'],
    ['a shortened task', [FIRST, { ...SECOND, end: 4 }], 'takes 2 instead of 3'],
    ['a start before time', [{ ...FIRST, start: -1, end: 1 }, SECOND], 'starts at -1'],
    ['an unknown agent', [{ ...FIRST, agentId: 'nobody' }, SECOND], 'unknown agent nobody'],
    ['a missing skill', [{ ...FIRST, agentId: 'other' }, SECOND], 'which agent other lacks'],
    ['a level too low', [FIRST, { ...SECOND, agentId: 'junior' }], 'agent junior has level 0'],
    [
      'a start before the predecessor ends',
      [FIRST, { ...SECOND, start: 1, end: 4 }],
      'predecessor 1 ends at 2',
    ],
  ])('refuses %s', (_, schedule, message) => {
    expect(() => validateSchedule(INSTANCE, schedule)).toThrow(message);
  });

  it('refuses an agent on two tasks at once', () => {
    const free = { ...INSTANCE, tasks: INSTANCE.tasks.map((task) => ({ ...task, predecessors: [] })) };
    const schedule = [FIRST, { ...SECOND, start: 1, end: 4 }];
    expect(() => validateSchedule(free, schedule)).toThrow(
      'agent senior starts task 2 at 1 while on task 1 until 2',
    );
  });
});
