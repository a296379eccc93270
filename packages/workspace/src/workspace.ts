import { settle } from './git/failure.ts';
import type { Failure } from './git/failure.ts';
import { makeGit } from './git/git.ts';
import type { GitOptions } from './git/git.ts';
import { openRepository } from './git/repository.ts';
import { makeScratch } from './git/scratch.ts';
import { makeSnapshots } from './git/snapshot.ts';
import { makeTrimmer } from './git/trim-scratch.ts';
import { makePredictor } from './predict/predictor.ts';
import type { LiveWorktree, Prediction } from './predict/predictor.ts';
import type { WorktreeReport } from './watch/look.ts';
import type { PaceLimits } from './watch/pace.ts';
import { watchWorktree } from './watch/watch-worktree.ts';

/** A worktree as its last look found it. */
export interface SeenWorktree extends LiveWorktree {
  /** What `files` are counted from. */
  readonly base: string;
}

/** All worktrees at one moment, and what git says of the merges of those that share files. */
export interface Round {
  readonly worktrees: readonly SeenWorktree[];
  /** Empty where git could not be asked. */
  readonly predictions: readonly Prediction[];
}

export interface WorkspaceOptions extends Pick<GitOptions, 'env'> {
  /** Worktrees by a name of the caller’s, such as that of the agent working in it. */
  readonly folders: ReadonlyMap<string, string>;
  /** Takes what a worktree came to; false when it did not arrive. */
  readonly deliver: (key: string, report: WorktreeReport) => Promise<boolean>;
  /** Told when what git says about the merges of the worktrees has changed. */
  readonly onPredictions?: (predictions: readonly Prediction[]) => void;
  /** Takes each round; false when it did not arrive: then another one comes, with what is there by then. */
  readonly onRound?: (round: Round) => Promise<boolean>;
  readonly onFailure?: (key: string, failure: Failure) => void;
  readonly pace?: PaceLimits;
  /** Epoch milliseconds. */
  readonly now?: () => number;
}

export interface Workspace {
  /** Looks at every worktree now; resolves when what was there is delivered and predicted, or has failed. */
  readonly reconcile: () => Promise<void>;
  readonly close: () => Promise<void>;
}

const RETRY_MS = 2_000;

/** Runs one round at a time; what comes during a round leads to another, and one that failed comes again. */
const makeRounds = (runRound: () => Promise<boolean>) => {
  let running: Promise<void> | undefined;
  let isAgain = false;
  let isClosed = false;
  let retry: NodeJS.Timeout | undefined;
  const run = async (): Promise<void> => {
    let hasArrived: boolean;
    do {
      isAgain = false;
      hasArrived = await runRound();
    } while (isAgain);
    running = undefined;
    if (!hasArrived && !isClosed) retry = setTimeout(begin, RETRY_MS);
  };
  const begin = (): void => {
    clearTimeout(retry);
    isAgain = true;
    running ??= run();
  };
  return {
    begin,
    end: async (): Promise<void> => running,
    async close(): Promise<void> {
      isClosed = true;
      clearTimeout(retry);
      await running;
    },
  };
};

/**
 * Watches worktrees of one machine and predicts the merges between them, until closed. Their first reports come
 * before this resolves. Throws GitFailed for a folder that is no worktree; nothing is left behind then.
 */
export const openWorkspace = async (options: WorkspaceOptions): Promise<Workspace> => {
  const { folders, deliver, onPredictions, onRound, onFailure, pace, now = Date.now } = options;
  const git = makeGit(options);
  const repositories = await Promise.all(
    [...folders].map(async ([key, folder]) => [key, await openRepository(git, folder)] as const),
  );
  const scratch = await makeScratch();
  const predictor = makePredictor(git, scratch);
  const living = new Map<string, SeenWorktree>();
  /** Trees that were delivered last: what comes next is compared with them. */
  const arrived = new Map<string, string>();
  const trim = makeTrimmer({ git, scratch, repositories: repositories.map(([, one]) => one), now });
  let known = '[]';
  const showNew = (predictions: readonly Prediction[]): void => {
    const conflicting = predictions.filter(({ paths }) => paths === undefined || paths.length > 0);
    const next = JSON.stringify(conflicting);
    if (next !== known) onPredictions?.(conflicting);
    known = next;
  };
  const rounds = makeRounds(async () => {
    const worktrees = [...folders.keys()].flatMap((key) => living.get(key) ?? []);
    const predicted = await settle(async () => ({
      ok: true as const,
      predictions: await predictor.predict(worktrees),
    }));
    if (predicted.ok) showNew(predicted.predictions);
    else onFailure?.('', predicted);
    const trees = [...worktrees.map(({ snapshot }) => snapshot.tree), ...arrived.values()];
    const trimmed = await settle(async () => ({
      ok: true as const,
      done: await trim([...trees, ...predictor.commits()]),
    }));
    if (!trimmed.ok) onFailure?.('', trimmed);
    return onRound ? onRound({ worktrees, predictions: predicted.ok ? predicted.predictions : [] }) : true;
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
        async deliver(report) {
          const { snapshot, base, files } = report;
          living.set(key, { key, repository, snapshot, base, files });
          rounds.begin();
          const hasArrived = await deliver(key, report);
          if (hasArrived) arrived.set(key, snapshot.tree);
          return hasArrived;
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
      await rounds.close();
      await scratch.close();
    },
  };
};
