import { lineOf } from './git.ts';
import type { Git } from './git.ts';
import { readMainBranch } from './main-branch.ts';
import type { Head, Repository } from './repository.ts';

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
  const main = await readMainBranch(git, repository);
  if (!main) return head.commit;
  const call = { directory: repository.root, codes: [0, 1, 128] };
  const base = await git(['merge-base', main.commit, head.commit], call);
  return base.code === 0 ? lineOf(base) : head.commit;
};
