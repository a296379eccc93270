import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Repository } from './repository.ts';

/** A folder of ours in which git writes what it would else write into the user’s repository. */
export interface Scratch {
  readonly folder: string;
  /** Where new objects go, shared by all worktrees, so that they can be merged with each other. */
  readonly objects: string;
  /** The private index of a worktree. */
  readonly indexOf: (repository: Repository) => string;
  /** Git’s environment for a worktree: its private index, our objects, the repositories as alternates. */
  readonly environmentFor: (repository: Repository, others?: readonly Repository[]) => Record<string, string>;
  /** The same to merge worktrees with each other: what git writes then is gone when the work is done. */
  readonly withMerges: <T>(
    repository: Repository,
    others: readonly Repository[],
    work: (env: Record<string, string>) => Promise<T>,
  ) => Promise<T>;
  readonly close: () => Promise<void>;
}

/** Paths in the list of alternates are separated by colons (semicolons on Windows) unless they are quoted. */
const separator = process.platform === 'win32' ? ';' : ':';
const quoted = (path: string): string => `"${path.replaceAll(/["\\]/g, '\\$&')}"`;

/** Makes the folder, in the system’s folder for such; close removes it with all objects. */
export const makeScratch = async (parent = tmpdir()): Promise<Scratch> => {
  const folder = await mkdtemp(join(parent, 'act-workspace-'));
  const objects = join(folder, 'objects');
  await mkdir(objects);
  const numbers = new Map<string, number>();
  const indexOf = ({ gitFolder }: Repository): string => {
    const number = numbers.get(gitFolder) ?? numbers.size;
    numbers.set(gitFolder, number);
    return join(folder, `index-${number}`);
  };
  const environment = (repository: Repository, into: string, from: readonly string[]) => ({
    GIT_INDEX_FILE: indexOf(repository),
    GIT_OBJECT_DIRECTORY: into,
    GIT_ALTERNATE_OBJECT_DIRECTORIES: [...new Set(from)].map(quoted).join(separator),
  });
  const objectsOf = (repositories: readonly Repository[]) => repositories.map((one) => one.objects);
  return {
    folder,
    objects,
    indexOf,
    environmentFor: (repository, others = []) =>
      environment(repository, objects, objectsOf([repository, ...others])),
    async withMerges(repository, others, work) {
      const merges = await mkdtemp(join(folder, 'merges-'));
      try {
        return await work(environment(repository, merges, [objects, ...objectsOf([repository, ...others])]));
      } finally {
        await rm(merges, { recursive: true, force: true });
      }
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
};
