import { expect, test } from 'vitest';

import { makeCorePuller } from './core-puller.ts';
import { makeLargeInstance } from './next-cost.ts';
import { parseInstance } from './parse.ts';
import { simulate } from './simulate.ts';
import { validateSchedule } from './validate.ts';

const TEXT = `ResourceID Salary Skills
1 1.0 Q0: 0
2 1.0 Q0: 1
=====
TaskID Duration Skill Predecessor IDs
1 2 Q0: 0
2 3 Q0: 1
3 4 Q0: 0 4
4 1 Q0: 0
=====
`;

test('the core plans an instance whose tasks name later ones as predecessors', () => {
  const instance = parseInstance(TEXT, 'small');
  const schedule = simulate(instance, makeCorePuller({ policy: 'flow' }));
  expect(validateSchedule(instance, schedule)).toBe(5);
});

test.each(['flow', 'weighted'] as const)(
  '%s leaves no agent idle that could work, and breaks no rule',
  (policy) => {
    const instance = makeLargeInstance(120, 16);
    const calls: number[] = [];
    const puller = makeCorePuller({ policy, onNext: (us) => void calls.push(us) });
    const schedule = simulate(instance, puller, { durations: 'unknown' });
    expect(validateSchedule(instance, schedule)).toBeGreaterThan(0);
    expect(calls.length).toBeGreaterThanOrEqual(120);
  },
);
