import { conflicts } from '@agentmix/act-core';
import { readScenarios } from './read-scenarios.ts';
import { Scorer } from './score.ts';
import type { Score } from './score.ts';

export interface RangeRule {
  /** The rule on concurrent branches, and on merges that were made. */
  readonly pairs: Score;
  readonly merges: Score;
  /** What a lock on files would do to the same branches. */
  readonly fileLockPairs: Score;
}

/** How good the core’s rule is when it sees ranges only, on real branches whose merge is known. */
export async function scoreRangeRule(file: string): Promise<RangeRule> {
  const [pairs, merges, lock] = [new Scorer(), new Scorer(), new Scorer()];
  for await (const { kind, isConflict, files } of readScenarios(file)) {
    const isPredicted = files.some(([left, right]) => conflicts(left, right));
    (kind === 'pair' ? pairs : merges).add(isPredicted, isConflict);
    if (kind === 'pair') lock.add(files.length > 0, isConflict);
  }
  return { pairs: pairs.score(), merges: merges.score(), fileLockPairs: lock.score() };
}
