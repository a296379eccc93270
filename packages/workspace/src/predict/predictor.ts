import type { Git, GitCall } from '../git/git.ts';
import type { Repository } from '../git/repository.ts';
import type { Scratch } from '../git/scratch.ts';
import type { Snapshot } from '../git/snapshot.ts';
import { commitSnapshots } from './commit-snapshots.ts';
import { mergePairs } from './merge-pairs.ts';
import type { MergeOutcome } from './merge-pairs.ts';
import { pairsThatShareFiles } from './share-files.ts';
import type { ChangedWorktree, Pair } from './share-files.ts';

/** A worktree on this machine as its last snapshot shows it. */
export interface LiveWorktree extends ChangedWorktree {
  readonly repository: Repository;
  readonly snapshot: Pick<Snapshot, 'tree' | 'head'>;
}

export interface Prediction {
  /** Keys of the two worktrees. */
  readonly pair: Pair<string>;
  /** Paths in conflict; none where the merge is clean; undefined where git cannot merge the two. */
  readonly paths: MergeOutcome;
}

export interface Predictor {
  /** Predicts every pair that shares a file; pairs that are not in the answer cannot conflict. Throws GitFailed. */
  readonly predict: (worktrees: readonly LiveWorktree[], signal?: AbortSignal) => Promise<Prediction[]>;
  /** Ids of the commits in the scratch folder that the next round may go on with. */
  readonly commits: () => readonly string[];
}

const pairKey = ([one, other]: Pair<string>): string => `${one} ${other}`;

/**
 * Makes a predictor for worktrees and clones of one project on this machine. It writes to our scratch folder only,
 * and remembers the last round: a pair is merged again when one of its two has changed.
 */
export const makePredictor = (git: Git, scratch: Scratch): Predictor => {
  let commits = new Map<string, string>();
  let outcomes = new Map<string, MergeOutcome>();

  const commitAll = async (worktrees: readonly LiveWorktree[], call: GitCall): Promise<void> => {
    const wanted = new Map(
      worktrees.flatMap(({ snapshot: { tree, head } }) =>
        head.commit === undefined
          ? []
          : [[pairKey([head.commit, tree]), { tree, parent: head.commit }] as const],
      ),
    );
    const missing = [...wanted].filter(([key]) => !commits.has(key));
    const made = await commitSnapshots(
      git,
      call,
      scratch.folder,
      missing.map(([, snapshot]) => snapshot),
    );
    const all = new Map([...commits, ...missing.map(([key], at) => [key, made[at] ?? ''] as const)]);
    commits = new Map([...all].filter(([key]) => wanted.has(key)));
  };

  const commitOf = ({ snapshot: { tree, head } }: LiveWorktree): string | undefined =>
    head.commit === undefined ? undefined : commits.get(pairKey([head.commit, tree]));

  const mergeNew = async (pairs: readonly Pair<string>[], call: GitCall): Promise<void> => {
    const next = new Map(
      pairs
        .filter((pair) => outcomes.has(pairKey(pair)))
        .map((pair) => [pairKey(pair), outcomes.get(pairKey(pair))]),
    );
    const missing = pairs.filter((pair) => !next.has(pairKey(pair)));
    const merged = await mergePairs(git, call, missing);
    for (const [at, pair] of missing.entries()) next.set(pairKey(pair), merged[at]);
    outcomes = next;
  };

  return {
    commits: () => [...commits.values()],
    async predict(worktrees, signal) {
      const candidates = pairsThatShareFiles(worktrees);
      const [home] = worktrees;
      if (!home || candidates.length === 0) return [];
      const repositories = worktrees.map(({ repository }) => repository);
      const env = scratch.environmentFor(home.repository, repositories);
      const call = { directory: home.repository.root, env, signal };
      await commitAll([...new Set(candidates.flat())], call);
      const known = candidates.flatMap(([one, other]) => {
        const pair = [commitOf(one), commitOf(other)] as const;
        return pair[0] === undefined || pair[1] === undefined
          ? []
          : [{ keys: [one.key, other.key] as const, commits: [pair[0], pair[1]] as const }];
      });
      const pairs = known.map((one) => one.commits);
      await scratch.withMerges(home.repository, repositories, (mergeEnv) =>
        mergeNew(pairs, { ...call, env: mergeEnv }),
      );
      return known.map((one) => ({ pair: one.keys, paths: outcomes.get(pairKey(one.commits)) }));
    },
  };
};
