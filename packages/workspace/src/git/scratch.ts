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
  return {
    folder,
    objects,
    indexOf,
    environmentFor(repository, others = []) {
      const alternates = new Set([repository, ...others].map((one) => one.objects));
      return {
        GIT_INDEX_FILE: indexOf(repository),
        GIT_OBJECT_DIRECTORY: objects,
        GIT_ALTERNATE_OBJECT_DIRECTORIES: [...alternates].map(quoted).join(separator),
      };
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
};
