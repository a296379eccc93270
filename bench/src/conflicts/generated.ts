import { changeSet, collisions } from '@agentmix/act-core';
import { makeRandom } from '@agentmix/act-testing';
import { mergePairs, readChanges } from '@agentmix/act-workspace';
import type { Pair } from '@agentmix/act-workspace';
import { randomBranches } from './random-branches.ts';
import { Scorer } from './score.ts';
import type { Score } from './score.ts';
import { importedCommit, withTemporaryProject } from './temporary-project.ts';

export interface Generated extends Score {
  /** Share of the pairs on which the rule and git say the same. */
  readonly agreement: number;
  /** Numbers of the pairs on which they differ, the first few. */
  readonly differing: readonly number[];
}

const DIFFERING_SHOWN_MAX = 10;

/** How often the core’s rule, with the hashes of hunks, says what git’s merge says, on branches made from a seed. */
export async function scoreGenerated(scenarios: number, seed: number): Promise<Generated> {
  return await withTemporaryProject(async ({ git, root }) => {
    const numbers = Array.from({ length: scenarios }, (_, at) => at);
    const commits = numbers.flatMap((number) => {
      const { base, left, right } = randomBranches(makeRandom(seed, number));
      return [
        importedCommit(`base-${number}`, base),
        importedCommit(`left-${number}`, left, `base-${number}`),
        importedCommit(`right-${number}`, right, `base-${number}`),
      ];
    });
    const call = { directory: root };
    await git(['fast-import', '--quiet'], { ...call, input: commits.join('') });
    const pairs = numbers.map((number): Pair<string> => [`left-${number}`, `right-${number}`]);
    const outcomes = await mergePairs(git, call, pairs);
    const scorer = new Scorer();
    const differing: number[] = [];
    for (const number of numbers) {
      const [left, right] = await Promise.all(
        ['left', 'right'].map((side) => readChanges(git, call, `base-${number}`, `${side}-${number}`)),
      );
      const isPredicted = collisions(changeSet(left ?? []), changeSet(right ?? [])).length > 0;
      const isConflict = (outcomes[number]?.length ?? 1) > 0;
      scorer.add(isPredicted, isConflict);
      if (isPredicted !== isConflict) differing.push(number);
    }
    return {
      ...scorer.score(),
      agreement: 1 - differing.length / scenarios,
      differing: differing.slice(0, DIFFERING_SHOWN_MAX),
    };
  });
}
