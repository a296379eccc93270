import { describeHost, makePrint, publish, readFlags } from '../measure/index.ts';
import type { Bound, Host, Published } from '../measure/index.ts';
import { scoreGenerated } from './generated.ts';
import type { Generated } from './generated.ts';
import { measureMerges } from './merge-times.ts';
import type { MergeTimes } from './merge-times.ts';
import { scoreRangeRule } from './range-rule.ts';
import type { RangeRule } from './range-rule.ts';

const DEFAULTS = { scenarios: 500, seed: 1, worktrees: 16, files: 2_000, rounds: 5 };
const PRECISION_MIN = 0.79;
const RECALL_MIN = 0.99;
const BLOCKED_MAX = 0.01;
const DISAGREEMENT_MAX = 0.01;
const PAIR_MS_MAX = 5;
const ALL_PAIRS_MS_MAX = 1_000;

export interface ConflictFigures {
  bench: 'conflicts';
  host: Host;
  /** Absent without --data. */
  rangeRule?: RangeRule;
  generated: Generated;
  mergeTree: MergeTimes;
}

function boundsOf({ rangeRule, generated, mergeTree }: ConflictFigures): Bound[] {
  const ofRule = (rule: RangeRule): Bound[] => [
    { figure: 'range rule, 1 − precision', value: 1 - rule.pairs.precision, max: 1 - PRECISION_MIN },
    { figure: 'range rule, 1 − recall', value: 1 - rule.pairs.recall, max: 1 - RECALL_MIN },
    { figure: 'blocked for nothing', value: rule.pairs.blockedForNothing, max: BLOCKED_MAX },
  ];
  return [
    ...(rangeRule ? ofRule(rangeRule) : []),
    { figure: 'generated, 1 − agreement', value: 1 - generated.agreement, max: DISAGREEMENT_MAX },
    { figure: 'merge-tree, p50 ms a pair', value: mergeTree.pairMs.median, max: PAIR_MS_MAX },
    { figure: 'merge-tree, all pairs ms', value: mergeTree.allPairsMs.median, max: ALL_PAIRS_MS_MAX },
  ];
}

/**
 * `npm run bench -- conflicts --data FILE [--json] [--assert] [--scenarios N] [--seed N] [--worktrees N] [--files N]
 * [--rounds N]`: how well conflicts are predicted. From ranges alone on the real branches in FILE; with the hashes
 * of hunks on generated repositories, against git’s own merge; and how long that merge takes between live worktrees.
 */
export async function runConflicts(argv: readonly string[]): Promise<Published<ConflictFigures>> {
  const { json, assert, only: _only, data, scenarios, seed, ...sizes } = readFlags(argv, DEFAULTS);
  const print = makePrint(json);
  const rangeRule = data === undefined ? undefined : await scoreRangeRule(data);
  print(
    rangeRule ? `range rule: ${JSON.stringify(rangeRule)}` : 'range rule: left out, it needs --data FILE',
  );
  const generated = await scoreGenerated(scenarios, seed);
  print(`generated: ${JSON.stringify(generated)}`);
  const mergeTree = await measureMerges(sizes);
  print(`merge-tree: ${JSON.stringify(mergeTree)}`);
  const figures: ConflictFigures = {
    bench: 'conflicts',
    host: describeHost(),
    ...(rangeRule && { rangeRule }),
    generated,
    mergeTree,
  };
  return publish(figures, boundsOf(figures), { json, ...(assert && { assert }) });
}
