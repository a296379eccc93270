import { lineOf } from './git.ts';
import type { Git } from './git.ts';
import type { Head, Repository } from './repository.ts';

/** Where branches of a project usually start and end, the most telling first. */
const MAIN_BRANCHES = [
  'refs/remotes/origin/HEAD',
  'refs/remotes/origin/main',
  'refs/remotes/origin/master',
  'refs/heads/main',
  'refs/heads/master',
];

const EMPTY_TREE = {
  sha1: '4b825dc642cb6eb9a060e54bf8d69288fbee4904',
  sha256: '6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321',
};

/**
 * What a worktree’s changes are counted from: the commit at which its branch left the main branch, so that work
 * which is committed but not merged counts; its own commit where there is no main branch or nothing in common;
 * the empty tree before the first commit.
 */
export const readBase = async (git: Git, repository: Repository, head: Head): Promise<string> => {
  if (head.commit === undefined) return EMPTY_TREE[repository.objectFormat];
  const call = { directory: repository.root, codes: [0, 1, 128] };
  for (const branch of MAIN_BRANCHES) {
    const main = await git(['rev-parse', '--verify', '--quiet', `${branch}^{commit}`], call);
    if (main.code !== 0) continue;
    const base = await git(['merge-base', lineOf(main), head.commit], call);
    return base.code === 0 ? lineOf(base) : head.commit;
  }
  return head.commit;
};
