import { itemsOf, nulEnded } from './git.ts';
import type { Git, GitCall } from './git.ts';

/** Those of the paths whose attributes say that Git LFS keeps their content. */
export const lfsPaths = async (git: Git, call: GitCall, paths: readonly string[]): Promise<Set<string>> => {
  if (paths.length === 0) return new Set();
  const answer = await git(['check-attr', '-z', '--stdin', 'filter'], { ...call, input: nulEnded(paths) });
  const items = itemsOf(answer);
  const found = new Set<string>();
  for (let at = 0; at + 2 < items.length; at += 3)
    if (items[at + 2] === 'lfs') found.add(items[at] as string);
  return found;
};
