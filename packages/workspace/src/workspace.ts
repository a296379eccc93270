import { settle } from './git/failure.ts';
import type { Failure } from './git/failure.ts';
import { makeGit } from './git/git.ts';
import type { GitOptions } from './git/git.ts';
import { openRepository } from './git/repository.ts';
import { makeScratch } from './git/scratch.ts';
import { makeSnapshots } from './git/snapshot.ts';
import { makePredictor } from './predict/predictor.ts';
import type { LiveWorktree, Prediction } from './predict/predictor.ts';
import type { WorktreeReport } from './watch/look.ts';
import type { PaceLimits } from './watch/pace.ts';
import { watchWorktree } from './watch/watch-worktree.ts';

export interface WorkspaceOptions extends Pick<GitOptions, 'env'> {
  /** Worktrees by a name of the caller’s, such as that of the agent working in it. */
  readonly folders: ReadonlyMap<string, string>;
  /** Takes what a worktree came to; false when it did not arrive. */
  readonly deliver: (key: string, report: WorktreeReport) => Promise<boolean>;
  /** Told when what git says about the merges of the worktrees has changed. */
  readonly onPredictions?: (predictions: readonly Prediction[]) => void;
  readonly onFailure?: (key: string, failure: Failure) => void;
  readonly pace?: PaceLimits;
}

export interface Workspace {
  /** Looks at every worktree now; resolves when what was there is delivered and predicted, or has failed. */
  readonly reconcile: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Predicts the last reports’ merges, one round at a time; what comes during a round leads to another. */
const makeRounds = (predict: () => Promise<void>) => {
  let running: Promise<void> | undefined;
  let isAgain = false;
  const run = async (): Promise<void> => {
    do {
      isAgain = false;
      await predict();
    } while (isAgain);
    running = undefined;
  };
  return {
    begin(): void {
      isAgain = true;
      running ??= run();
    },
    end: async (): Promise<void> => running,
  };
};

/**
 * Watches worktrees of one machine and predicts the merges between them, until closed. Their first reports come
 * before this resolves. Throws GitFailed for a folder that is no worktree; nothing is left behind then.
 */
export const openWorkspace = async (options: WorkspaceOptions): Promise<Workspace> => {
  const { folders, deliver, onPredictions, onFailure, pace } = options;
  const git = makeGit(options);
  const repositories = await Promise.all(
    [...folders].map(async ([key, folder]) => [key, await openRepository(git, folder)] as const),
  );
  const scratch = await makeScratch();
  const predictor = makePredictor(git, scratch);
  const living = new Map<string, LiveWorktree>();
  let known = '[]';
  const rounds = makeRounds(async () => {
    const predicted = await settle(async () => ({
      ok: true as const,
      predictions: await predictor.predict([...folders.keys()].flatMap((key) => living.get(key) ?? [])),
    }));
    if (!predicted.ok) return onFailure?.('', predicted);
    const conflicting = predicted.predictions.filter(({ paths }) => paths === undefined || paths.length > 0);
    const next = JSON.stringify(conflicting);
    if (next !== known) onPredictions?.(conflicting);
    known = next;
  });
  const watches = await Promise.all(
    repositories.map(([key, repository]) =>
      watchWorktree({
        git,
        scratch,
        repository,
        take: makeSnapshots(repository, { git, scratch }),
        ...(pace && { pace }),
        onFailure: (failure) => onFailure?.(key, failure),
        deliver(report) {
          living.set(key, { key, repository, snapshot: report.snapshot, files: report.files });
          rounds.begin();
          return deliver(key, report);
        },
      }),
    ),
  );
  return {
    async reconcile() {
      await Promise.all(watches.map((watch) => watch.reconcile()));
      await rounds.end();
    },
    async close() {
      await Promise.all(watches.map((watch) => watch.close()));
      await rounds.end();
      await scratch.close();
    },
  };
};
