import type { Git } from '../git/git.ts';
import type { Repository } from '../git/repository.ts';
import type { Scratch } from '../git/scratch.ts';
import type { Snapshot } from '../git/snapshot.ts';
import { commitSnapshot, mergePairs } from './merge-pairs.ts';
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
}

const pairKey = ([one, other]: Pair<string>): string => `${one} ${other}`;

/**
 * Makes a predictor for worktrees and clones of one project on this machine. It writes to our scratch folder only,
 * and remembers the last round: a pair is merged again when one of its two has changed.
 */
export const makePredictor = (git: Git, scratch: Scratch): Predictor => {
  let commits = new Map<string, string>();
  let outcomes = new Map<string, MergeOutcome>();

  const commitsOf = async (worktrees: readonly LiveWorktree[], signal?: AbortSignal): Promise<void> => {
    const next = new Map<string, string>();
    await Promise.all(
      worktrees.map(async ({ repository, snapshot: { tree, head } }) => {
        if (head.commit === undefined) return;
        const call = { directory: repository.root, env: scratch.environmentFor(repository), signal };
        const key = pairKey([head.commit, tree]);
        next.set(key, commits.get(key) ?? (await commitSnapshot(git, call, tree, head.commit)));
      }),
    );
    commits = next;
  };

  const commitOf = ({ snapshot: { tree, head } }: LiveWorktree): string | undefined =>
    head.commit === undefined ? undefined : commits.get(pairKey([head.commit, tree]));

  const mergeNew = async (
    pairs: readonly Pair<string>[],
    repositories: readonly Repository[],
    signal?: AbortSignal,
  ): Promise<void> => {
    const next = new Map(
      pairs.flatMap((pair) => {
        const key = pairKey(pair);
        return outcomes.has(key) ? [[key, outcomes.get(key)] as const] : [];
      }),
    );
    const missing = pairs.filter((pair) => !next.has(pairKey(pair)));
    const [home] = repositories;
    if (missing.length > 0 && home) {
      const env = scratch.environmentFor(home, repositories);
      const merged = await mergePairs(git, { directory: home.root, env, signal }, missing);
      for (const [at, pair] of missing.entries()) next.set(pairKey(pair), merged[at]);
    }
    outcomes = next;
  };

  return {
    async predict(worktrees, signal) {
      const candidates = pairsThatShareFiles(worktrees);
      await commitsOf([...new Set(candidates.flat())], signal);
      const known = candidates.flatMap(([one, other]) => {
        const pair = [commitOf(one), commitOf(other)] as const;
        return pair[0] === undefined || pair[1] === undefined
          ? []
          : [{ keys: [one.key, other.key] as const, commits: [pair[0], pair[1]] as const }];
      });
      const repositories = worktrees.map(({ repository }) => repository);
      await mergeNew(
        known.map((one) => one.commits),
        repositories,
        signal,
      );
      return known.map((one) => ({ pair: one.keys, paths: outcomes.get(pairKey(one.commits)) }));
    },
  };
};
