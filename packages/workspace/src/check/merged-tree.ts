import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { itemsOf, lineOf } from '../git/git.ts';
import type { Git } from '../git/git.ts';
import type { Repository } from '../git/repository.ts';
import { shownPath } from '../git/update-index.ts';

/** Nobody’s name: the merge is made to be looked at, and thrown away. */
const NOBODY = Object.fromEntries(
  ['AUTHOR', 'COMMITTER'].flatMap((who) => [
    [`GIT_${who}_NAME`, 'act'],
    [`GIT_${who}_EMAIL`, 'act@localhost'],
  ]),
);

const CONFLICT = 1;
const quoted = (path: string): string => `"${path.replaceAll(/["\\]/g, '\\$&')}"`;

/** A repository of its own in `folder` that borrows the objects of another and writes none into it. */
const borrow = async (
  git: Git,
  { objects, commonFolder, objectFormat, isShallow }: Repository,
  folder: string,
): Promise<void> => {
  await mkdir(folder);
  const flags = ['--quiet', '--template=', '--initial-branch=merged', `--object-format=${objectFormat}`];
  await git(['init', ...flags], { directory: folder });
  const own = join(folder, '.git');
  await mkdir(join(own, 'objects', 'info'), { recursive: true });
  await writeFile(join(own, 'objects', 'info', 'alternates'), `${quoted(objects)}\n`);
  if (isShallow) await copyFile(join(commonFolder, 'shallow'), join(own, 'shallow'));
};

export type Merged =
  | { readonly isClean: true; readonly commit: string }
  | { readonly isClean: false; readonly paths: readonly string[] };

/**
 * Merges two commits and checks the outcome out in `folder`, which must not exist: a repository with the merge as its
 * HEAD, for commands that ask git about themselves. The repository they come from is only read. Throws GitFailed.
 */
export const checkOutMerged = async (
  git: Git,
  repository: Repository,
  [main, branch]: readonly [string, string],
  folder: string,
  signal?: AbortSignal,
): Promise<Merged> => {
  await borrow(git, repository, folder);
  const call = { directory: folder, signal };
  const flags = ['--write-tree', '--name-only', '--no-messages', '-z'];
  const answer = await git(['merge-tree', ...flags, main, branch], { ...call, codes: [0, CONFLICT] });
  const [tree = '', ...paths] = itemsOf(answer);
  if (answer.code === CONFLICT) return { isClean: false, paths: paths.map(shownPath) };
  const parents = ['-p', main, ...(main === branch ? [] : ['-p', branch])];
  const made = await git(['commit-tree', tree, ...parents, '-m', 'merge'], { ...call, env: NOBODY });
  const commit = lineOf(made);
  await git(['reset', '--quiet', '--hard', commit], call);
  return { isClean: true, commit };
};
