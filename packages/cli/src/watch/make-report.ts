import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import type { CommandArguments } from '@agentmix/act-client';
import {
  KEY_CHARS_MAX,
  MERGE_PATHS_MAX,
  MERGES_MAX,
  NAME_CHARS_MAX,
  PATH_CHARS_MAX,
  WORKTREE_FILES_MAX,
  WORKTREE_HUNKS_MAX,
} from '@agentmix/act-contract';
import type { FileChange, Round, SeenWorktree } from '@agentmix/act-workspace';

export type WholeReport = Omit<CommandArguments<'worktree.report'>, 'sessionId' | 'since' | 'gone'>;

/** Names a worktree without saying where it lies: the same each time, for no other agent or folder. */
const keyOf = ({ key, repository }: SeenWorktree): string =>
  createHash('sha256')
    .update(JSON.stringify([hostname(), repository.gitFolder, key]))
    .digest('hex')
    .slice(0, 24);

/** As many files as a report has room for, in order of their paths; the rest is counted, not hidden. */
const bounded = (files: readonly FileChange[]): { files: FileChange[]; omitted: number } => {
  let hunks = 0;
  const told = files.filter(
    ({ path, movedTo = '' }) => Math.max(path.length, movedTo.length) <= PATH_CHARS_MAX,
  );
  const fitting = told.slice(0, WORKTREE_FILES_MAX).filter((file) => {
    hunks += file.hunks?.length ?? 0;
    return hunks <= WORKTREE_HUNKS_MAX;
  });
  return { files: fitting, omitted: files.length - fitting.length };
};

const mergesOf = (own: SeenWorktree, { worktrees, predictions }: Round): WholeReport['merges'] =>
  predictions
    .flatMap(({ pair, paths }) => {
      const otherKey = pair[0] === own.key ? pair[1] : pair[0];
      const other = worktrees.find(({ key }) => key === otherKey);
      // What git cannot merge is left to the comparison of lines.
      return !pair.includes(own.key) || !other || !paths
        ? []
        : [{ key: keyOf(other), tree: other.snapshot.tree, paths: paths.slice(0, MERGE_PATHS_MAX) }];
    })
    .slice(0, MERGES_MAX);

/** All that the hub is told of a worktree: line numbers, hashes and names; no text of a file. */
export const makeReport = (own: SeenWorktree, round: Round): WholeReport => {
  const { tree, head } = own.snapshot;
  const { files, omitted } = bounded(own.files);
  return {
    worktree: {
      key: keyOf(own),
      machine: hostname().slice(0, NAME_CHARS_MAX),
      ...(head.branch === undefined ? {} : { branch: head.branch.slice(0, KEY_CHARS_MAX) }),
      ...(head.commit === undefined ? {} : { head: head.commit }),
      base: own.base,
      tree,
    },
    files: files.map(({ hunks, ...file }) => ({ ...file, ...(hunks ? { hunks: [...hunks] } : {}) })),
    merges: mergesOf(own, round),
    ...(omitted === 0 ? {} : { omitted }),
  };
};

/** What changed since another report of the same worktree. */
export const changeOf = (
  before: WholeReport,
  now: WholeReport,
): Omit<CommandArguments<'worktree.report'>, 'sessionId'> => {
  const known = new Map(before.files.map((file) => [file.path, JSON.stringify(file)]));
  const still = new Set(now.files.map(({ path }) => path));
  return {
    ...now,
    since: before.worktree.tree,
    files: now.files.filter((file) => known.get(file.path) !== JSON.stringify(file)),
    gone: [...known.keys()].filter((path) => !still.has(path)),
  };
};
