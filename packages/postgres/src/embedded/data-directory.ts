import { createHash } from 'node:crypto';
import { constants, existsSync, statfsSync, statSync } from 'node:fs';
import { access, chmod, chown, lstat, mkdir, realpath, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { errorCode, errorLine } from './errors.ts';
import type { ServerUser } from './privileges.ts';

/** sun_path holds 108 bytes on Linux and 104 on macOS, one of them the end mark. */
const SOCKET_PATH_BYTES_MAX = process.platform === 'linux' ? 107 : 103;
const LOG_BYTES_MAX = 5 * 1024 * 1024;
const SHARED_MEMORY_BYTES_MIN = 16 * 1024 * 1024;

/** Only names the socket file: nothing listens on TCP, and every data directory has a socket directory of its own. */
export const SOCKET_PORT = 5432;

/** Paths of a data directory, its real path first, so that two names of one directory have one lock. */
export interface Layout {
  readonly dataDir: string;
  readonly clusterDir: string;
  readonly logFile: string;
  readonly socketDir: string;
}

function chooseSocketDir(dataDir: string): string {
  const fits = (directory: string): boolean =>
    Buffer.byteLength(join(directory, `.s.PGSQL.${SOCKET_PORT}`)) <= SOCKET_PATH_BYTES_MAX;
  const own = join(dataDir, 'run');
  if (fits(own)) return own;
  const name = `act-pg-${createHash('sha256').update(dataDir).digest('hex').slice(0, 16)}`;
  const short = join(tmpdir(), name);
  return fits(short) ? short : join('/tmp', name);
}

/** One line for each way a directory can be unusable. */
function explain(path: string, error: unknown): Error {
  const reasons: Readonly<Record<string, string>> = {
    EEXIST: 'is a file, not a directory',
    ENOENT: 'cannot be created',
    ENOTDIR: 'lies below a file, not a directory',
    EACCES: 'may not be written by this user',
    EPERM: 'may not be written by this user',
    EROFS: 'is on a read-only file system',
    ENOSPC: 'is on a full disk',
    EDQUOT: 'is on a disk whose quota is used up',
  };
  const reason = reasons[errorCode(error) ?? ''];
  return new Error(reason === undefined ? errorLine(error) : `data directory ${path} ${reason}`, {
    cause: error,
  });
}

/** Step by step: Node's own recursive mkdir never ends below /proc, where the parent exists and mkdir answers ENOENT. */
async function makeFolders(path: string, mode: number): Promise<void> {
  const parent = dirname(path);
  if (parent !== path && !existsSync(parent)) await makeFolders(parent, mode);
  await mkdir(path, { mode }).catch((error: unknown) => {
    if (errorCode(error) !== 'EEXIST') throw error;
  });
}

/**
 * Creates the data directory if it is missing and checks that it can be written.
 * @throws Error with one line if it cannot be used
 */
export async function prepareDataDirectory(path: string): Promise<Layout> {
  try {
    // Root's server runs as somebody else, who has to pass through; all that is in it is closed to others.
    const mode = process.geteuid?.() === 0 ? 0o711 : 0o700;
    if (!existsSync(path)) {
      await makeFolders(path, mode);
      await chmod(path, mode);
    } else if (!(await stat(path)).isDirectory()) {
      throw Object.assign(new Error('file'), { code: 'EEXIST' });
    }
    const dataDir = await realpath(path);
    await access(dataDir, constants.W_OK | constants.X_OK);
    return {
      dataDir,
      clusterDir: join(dataDir, 'pg'),
      logFile: join(dataDir, 'postgres.log'),
      socketDir: chooseSocketDir(dataDir),
    };
  } catch (error) {
    throw explain(path, error);
  }
}

/** Runs work on the data directory so that its system errors become one clear line. */
export async function withClearErrors<T>(dataDir: string, work: () => Promise<T> | T): Promise<T> {
  try {
    return await work();
  } catch (error) {
    // Errors of the system have a code; those with a message of our own do not.
    throw errorCode(error) === undefined ? error : explain(dataDir, error);
  }
}

/**
 * Creates the socket directory, open to its owner alone: whoever reaches the socket is superuser. The short one
 * lies in a directory that everybody writes to, so one that belongs to somebody else, or a link, is refused.
 */
export async function prepareSocketDirectory(layout: Layout, user: ServerUser): Promise<void> {
  const { socketDir } = layout;
  await mkdir(socketDir, { mode: 0o700 }).catch((error: unknown) => {
    if (errorCode(error) !== 'EEXIST') throw error;
  });
  const stats = await lstat(socketDir);
  const self = process.geteuid?.() ?? user.uid;
  // Root may have run the server as another user before; only root or the owner could put that directory there.
  const isOurs =
    stats.uid === user.uid || stats.uid === self || (self === 0 && socketDir === join(layout.dataDir, 'run'));
  if (!stats.isDirectory() || !isOurs) {
    throw new Error(`socket directory ${socketDir} belongs to somebody else (uid ${stats.uid}): remove it`);
  }
  if ((stats.mode & 0o777) !== 0o700) await chmod(socketDir, 0o700);
  if (stats.uid !== user.uid) await chown(socketDir, user.uid, user.gid);
}

/** Removes what a dead server left in the socket directory. Only for the holder of the lock, with no server alive. */
export async function removeSocket(layout: Layout): Promise<void> {
  const socket = join(layout.socketDir, `.s.PGSQL.${SOCKET_PORT}`);
  await rm(socket, { force: true });
  await rm(`${socket}.lock`, { force: true });
}

/** Keeps one older log. Only before a start: a running server writes to the file it has open. */
export async function rotateLog(layout: Layout): Promise<void> {
  const size = statSync(layout.logFile, { throwIfNoEntry: false })?.size ?? 0;
  if (size > LOG_BYTES_MAX) await rename(layout.logFile, `${layout.logFile}.1`);
}

/** Whether POSIX shared memory works here. Only Linux keeps it in a directory that a container may lack. */
export function hasPosixSharedMemory(user: ServerUser): boolean {
  if (process.platform !== 'linux') return true;
  try {
    const stats = statSync('/dev/shm');
    const space = statfsSync('/dev/shm');
    const isWritable = (stats.mode & 0o002) !== 0 || (stats.uid === user.uid && (stats.mode & 0o200) !== 0);
    return stats.isDirectory() && isWritable && space.bavail * space.bsize >= SHARED_MEMORY_BYTES_MIN;
  } catch {
    return false;
  }
}
