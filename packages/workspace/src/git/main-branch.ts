import { lineOf } from './git.ts';
import type { Git } from './git.ts';
import type { Repository } from './repository.ts';

/** Where branches of a project usually start and end, the most telling first. */
const MAIN_BRANCHES = [
  'refs/remotes/origin/HEAD',
  'refs/remotes/origin/main',
  'refs/remotes/origin/master',
  'refs/heads/main',
  'refs/heads/master',
];

/** The branch that a project’s work ends on, as this clone knows it. */
export interface MainBranch {
  /** Without the remote that it is of. */
  readonly name: string;
  readonly commit: string;
}

/** Finds it; undefined where there is none, or no commit on it yet. */
export const readMainBranch = async (
  git: Git,
  { root }: Repository,
  signal?: AbortSignal,
): Promise<MainBranch | undefined> => {
  const call = { directory: root, codes: [0, 1, 128], signal };
  for (const branch of MAIN_BRANCHES) {
    const tip = await git(['rev-parse', '--verify', '--quiet', `${branch}^{commit}`], call);
    if (tip.code !== 0) continue;
    const target = await git(['symbolic-ref', '--quiet', branch], call);
    const name = target.code === 0 ? lineOf(target) : branch;
    return { name: name.replace(/^refs\/(?:heads|remotes\/[^/]+)\//, ''), commit: lineOf(tip) };
  }
  return undefined;
};
