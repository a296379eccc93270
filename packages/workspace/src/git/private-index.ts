import { open, rm, utimes, writeFile } from 'node:fs/promises';
import type { Git } from './git.ts';
import type { Repository } from './repository.ts';

/** What tells one version of an index from the next. */
const versionOf = ({ ino, size, mtimeMs }: { ino: number; size: number; mtimeMs: number }): string =>
  `${ino}/${size}/${mtimeMs}`;

const readIndex = async (
  path: string,
): Promise<{ bytes: Buffer; version: string; mtimeMs: number } | undefined> => {
  try {
    // Git replaces an index whole: what one open file holds is one version of it.
    const file = await open(path, 'r');
    try {
      const stat = await file.stat();
      return { bytes: await file.readFile(), version: versionOf(stat), mtimeMs: stat.mtimeMs };
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
};

/**
 * Makes the private index follow the user’s: a copy when that has changed, with what git knows about unchanged
 * files, so that they are not read again. Otherwise the copy stays as our snapshots have refreshed it.
 *
 * The copy gets the age of the original, rounded down: git distrusts files as young as their index, and a newer
 * copy would make it trust a file that was changed in the same instant.
 *
 * @returns the version that was copied; give it back at the next call
 */
export const followIndex = async (
  git: Git,
  { repository, path, env }: { repository: Repository; path: string; env: Record<string, string> },
  version: string | undefined,
): Promise<string> => {
  const found = await readIndex(repository.index);
  const next = found?.version ?? 'none';
  if (next === version) return next;
  await rm(path, { force: true });
  if (found) {
    await writeFile(path, found.bytes);
    const seconds = Math.floor(found.mtimeMs) / 1_000;
    await utimes(path, seconds, seconds);
  } else await git(['read-tree', '--empty'], { directory: repository.root, env });
  return next;
};
