import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { GitFailed } from './failure.ts';
import { lineOf } from './git.ts';
import type { Git } from './git.ts';

/** One worktree of a repository. All paths are absolute and free of links. */
export interface Repository {
  /** The folder with the files. */
  readonly root: string;
  /** What belongs to this worktree alone: HEAD, index. */
  readonly gitFolder: string;
  /** What its worktrees share: objects, refs. Two worktrees with the same are of one repository. */
  readonly commonFolder: string;
  readonly objects: string;
  readonly index: string;
  readonly objectFormat: 'sha1' | 'sha256';
  /** Its history is cut off, so that roots and merge bases may be missing. */
  readonly isShallow: boolean;
}

/** Finds the worktree that a folder belongs to. Throws GitFailed: not_a_repository, bare, unsafe_owner, broken. */
export const openRepository = async (git: Git, directory: string): Promise<Repository> => {
  const bare = lineOf(await git(['rev-parse', '--is-bare-repository'], { directory }));
  if (bare === 'true')
    throw new GitFailed('bare', `${directory} is a bare repository: it has no files to watch`);
  const ask = async (...question: string[]): Promise<string> =>
    lineOf(await git(['rev-parse', '--path-format=absolute', ...question], { directory }));
  // One question each: a path may hold a line end.
  const [root, gitFolder, commonFolder, facts] = await Promise.all([
    ask('--show-toplevel'),
    ask('--absolute-git-dir'),
    ask('--git-common-dir'),
    ask('--show-object-format', '--is-shallow-repository'),
  ]);
  const [objectFormat, isShallow] = facts.split('\n');
  return {
    root: await realpath(root),
    gitFolder: await realpath(gitFolder),
    commonFolder: await realpath(commonFolder),
    objects: join(await realpath(commonFolder), 'objects'),
    index: join(await realpath(gitFolder), 'index'),
    objectFormat: objectFormat === 'sha256' ? 'sha256' : 'sha1',
    isShallow: isShallow === 'true',
  };
};

export interface Head {
  /** Absent before the first commit. */
  readonly commit?: string;
  /** Absent when no branch is checked out. */
  readonly branch?: string;
}

/** Where a worktree stands. Throws GitFailed when HEAD names what is not there. */
export const readHead = async (git: Git, { root }: Repository, signal?: AbortSignal): Promise<Head> => {
  const call = { directory: root, codes: [0, 1], signal };
  const [commit, branch] = await Promise.all([
    git(['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'], call),
    git(['symbolic-ref', '--quiet', '--short', 'HEAD'], call),
  ]);
  const isUnborn = commit.code !== 0;
  if (isUnborn) {
    const named = await git(['rev-parse', '--verify', '--quiet', 'HEAD'], call);
    if (named.code === 0) throw new GitFailed('broken', `HEAD is ${lineOf(named)}, which is missing`);
    if (branch.code !== 0) throw new GitFailed('broken', 'HEAD names neither a commit nor a branch');
  }
  return {
    ...(isUnborn ? {} : { commit: lineOf(commit) }),
    ...(branch.code === 0 ? { branch: lineOf(branch) } : {}),
  };
};
