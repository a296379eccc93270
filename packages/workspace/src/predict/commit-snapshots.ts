import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lineOf } from '../git/git.ts';
import type { Git, GitCall } from '../git/git.ts';

/** A snapshot’s tree, and the commit that its worktree stands on. */
export interface Uncommitted {
  readonly tree: string;
  readonly parent: string;
}

/** Nobody’s name and no time: the same tree on the same commit is the same commit again. */
const NOBODY = 'act <act@localhost> 0 +0000';

const textOf = ({ tree, parent }: Uncommitted): string =>
  `tree ${tree}\nparent ${parent}\nauthor ${NOBODY}\ncommitter ${NOBODY}\n\nsnapshot\n`;

/**
 * Makes commits of snapshots on what their branches have, in our objects only, so that git finds where two
 * branches parted. One process makes all of them; it reads them from files in `folder`. Returns their ids in order.
 */
export const commitSnapshots = async (
  git: Git,
  call: GitCall,
  folder: string,
  snapshots: readonly Uncommitted[],
): Promise<string[]> => {
  if (snapshots.length === 0) return [];
  const files = snapshots.map((_, at) => join(folder, `commit-${at}`));
  await Promise.all(snapshots.map((snapshot, at) => writeFile(files[at] as string, textOf(snapshot))));
  const args = ['hash-object', '-t', 'commit', '-w', '--no-filters', '--stdin-paths'];
  const input = files.map((file) => `${file}\n`).join('');
  return lineOf(await git(args, { ...call, input })).split('\n');
};
