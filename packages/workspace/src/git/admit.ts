import { constants } from 'node:fs';
import { lstat, open, readlink } from 'node:fs/promises';
import type { Stats } from 'node:fs';
import { dirname, resolve, sep } from 'node:path';

/** Why a file stays as it was in the base. */
export type LeftOutReason =
  | 'too_large'
  | 'link_out_of_root'
  | 'not_a_file'
  | 'unreadable'
  | 'other_repository';

export interface LeftOut {
  readonly path: string;
  readonly reason: LeftOutReason;
}

export type Admission = 'file' | 'gone' | LeftOutReason;

const rootBytes = (root: string): Buffer => Buffer.from(root + sep);

/** The file of a path from git, whose characters are bytes. */
export const bytesOf = (root: string, path: string): Buffer =>
  Buffer.concat([rootBytes(root), Buffer.from(path, 'latin1')]);

const statOf = async (file: Buffer): Promise<Stats | undefined> => {
  try {
    return await lstat(file);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
};

const leavesRoot = async (root: string, path: string): Promise<boolean> => {
  const target = (await readlink(bytesOf(root, path), 'buffer')).toString('latin1');
  const home = Buffer.from(root).toString('latin1');
  const end = resolve(dirname(`${home}${sep}${path}`), target);
  return end !== home && !end.startsWith(home + sep);
};

/** One file that git cannot open would fail it for all others. A pipe that has come in its place is not waited for. */
const isReadable = async (file: Buffer): Promise<boolean> => {
  try {
    await (await open(file, constants.O_RDONLY | constants.O_NONBLOCK)).close();
    return true;
  } catch {
    return false;
  }
};

/** Whether what lies at a path may enter a snapshot. Only files are opened: a pipe would wait for its other end. */
export const admit = async (root: string, path: string, fileBytesMax: number): Promise<Admission> => {
  // Git lists a repository inside this one, such as another worktree, as a folder.
  if (path.endsWith('/')) return 'other_repository';
  const stat = await statOf(bytesOf(root, path));
  if (!stat) return 'gone';
  if (stat.isSymbolicLink()) return (await leavesRoot(root, path)) ? 'link_out_of_root' : 'file';
  // A folder where a file was known: a submodule, or other files that are listed by themselves.
  if (stat.isDirectory()) return 'file';
  if (!stat.isFile()) return 'not_a_file';
  if (stat.size > fileBytesMax) return 'too_large';
  return (await isReadable(bytesOf(root, path))) ? 'file' : 'unreadable';
};
