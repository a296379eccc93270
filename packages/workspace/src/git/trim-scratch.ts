import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Git, GitCall } from './git.ts';
import type { Repository } from './repository.ts';
import type { Scratch } from './scratch.ts';

/** Whoever writes an object that is there makes it young again: one that is in use by now is never this old. */
const AGE_MS_MIN = 600_000;
const TRIM_EVERY_MS = 600_000;
const FAN_OUT = /^[0-9a-f]{2}$/;

/** Ids of the trees and commits given, and of all that they consist of; not of the commits before them. */
const idsWithin = async (git: Git, call: GitCall, roots: readonly string[]): Promise<ReadonlySet<string>> => {
  const input = roots.map((root) => `${root}\n`).join('');
  const { stdout } = await git(['rev-list', '--objects', '--no-object-names', '--no-walk', '--stdin'], {
    ...call,
    input,
  });
  return new Set(stdout.toString('latin1').split('\n'));
};

/**
 * Removes the objects of our scratch folder that none of the trees and commits given consists of: a file that is
 * written every second would else leave each of its versions there. Throws GitFailed; resolves with how many went.
 */
export const trimScratch = async (
  git: Git,
  call: GitCall,
  { objects, roots, now }: { objects: string; roots: readonly string[]; now: number },
): Promise<number> => {
  const kept = await idsWithin(git, call, roots);
  let removed = 0;
  for (const folder of await readdir(objects)) {
    if (!FAN_OUT.test(folder)) continue;
    for (const name of await readdir(join(objects, folder))) {
      const file = join(objects, folder, name);
      if (kept.has(folder + name) || now - (await stat(file)).mtimeMs < AGE_MS_MIN) continue;
      await rm(file, { force: true });
      removed++;
    }
  }
  return removed;
};

export interface TrimmerOptions {
  readonly git: Git;
  readonly scratch: Scratch;
  /** All that the scratch folder has objects of. */
  readonly repositories: readonly Repository[];
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** Trims a scratch folder to what is given, every ten minutes at most. */
export const makeTrimmer = ({ git, scratch, repositories, now }: TrimmerOptions) => {
  let trimmedAt = now();
  return async (roots: readonly string[]): Promise<void> => {
    const [home] = repositories;
    if (!home || roots.length === 0 || now() - trimmedAt < TRIM_EVERY_MS) return;
    trimmedAt = now();
    const call = { directory: home.root, env: scratch.environmentFor(home, repositories) };
    await trimScratch(git, call, { objects: scratch.objects, roots, now: trimmedAt });
  };
};
