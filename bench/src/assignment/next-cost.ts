import { percentile } from '../measure/index.ts';
import { makeCorePuller } from './core-puller.ts';
import type { Instance, Task } from './parse.ts';
import { simulate } from './simulate.ts';

/** µs per task.next, decided and applied, over a whole project. */
export interface NextCost {
  mean: number;
  p50: number;
  p99: number;
  max: number;
  calls: number;
}

/** Numbers from 0 to below 1 (Lehmer's generator, modulus 2³¹ − 1), the same in every run. */
const makeRandom = (): (() => number) => {
  let state = 20_261_123;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
};

/**
 * A project of the shape of the large public instances: every task has a duration of 1 to 40, one of 16 skills at a
 * level of 0 to 4, and up to two predecessors among the 60 before it; agents have six skills each, the first 16 each
 * another one at every level, so that everything can be done.
 */
export function makeLargeInstance(tasks: number, agents: number): Instance {
  const random = makeRandom();
  const whole = (below: number): number => Math.floor(random() * below);
  const levelMax = 4;
  const skills = 16;
  return {
    name: `${tasks} tasks, ${agents} agents`,
    agents: Array.from({ length: agents }, (_, number) => {
      const own = Array.from({ length: 5 }, (): [string, number] => [
        `Q${whole(skills)}`,
        whole(levelMax + 1),
      ]);
      return { id: `a${number}`, skills: Object.fromEntries([...own, [`Q${number % skills}`, levelMax]]) };
    }),
    tasks: Array.from({ length: tasks }, (_, number): Task => {
      const earlier = Array.from({ length: whole(3) }, () => number - 1 - whole(60)).filter(
        (index) => index >= 0,
      );
      return {
        id: `t${number}`,
        duration: 1 + whole(40),
        skill: `Q${whole(skills)}`,
        level: whole(levelMax + 1),
        predecessors: [...new Set(earlier)].map((index) => `t${index}`),
      };
    }),
  };
}

/** Plays the project to its end several times; the first times compile the code and are not counted. */
export function measureNext(
  policy: 'flow' | 'weighted',
  { tasks, agents }: { tasks: number; agents: number },
): NextCost {
  const instance = makeLargeInstance(tasks, agents);
  const warmups = 2;
  let took: number[] = [];
  for (let round = 0; round <= warmups; round += 1) {
    took = [];
    simulate(instance, makeCorePuller({ policy, onNext: (us) => void took.push(us) }));
  }
  return {
    mean: took.reduce((sum, us) => sum + us, 0) / took.length,
    p50: percentile(took, 0.5),
    p99: percentile(took, 0.99),
    max: Math.max(...took),
    calls: took.length,
  };
}
