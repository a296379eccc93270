import { readFileSync } from 'node:fs';
import { lchown, lstat, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Binaries } from './binaries.ts';
import { EmbeddedUnavailable, errorCode } from './errors.ts';
import { type Command, runCommand } from './run-command.ts';

const PROBE_TIMEOUT_MS = 15_000;
const NOBODY_ID = 65_534;

/** Who the server runs as, and therefore who owns its files. */
export type ServerUser =
  | { readonly kind: 'self'; readonly uid: number; readonly gid: number }
  /** this process is root and gives its children another user id */
  | { readonly kind: 'setuid'; readonly uid: number; readonly gid: number }
  /** root all the same, under another name inside a user namespace; its files belong to root */
  | { readonly kind: 'namespace'; readonly uid: number; readonly gid: number };

interface PasswordEntry {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** macOS writes nobody's id as -2. Files and system calls see the unsigned number. */
function passwordEntries(): PasswordEntry[] {
  let text = '';
  try {
    text = readFileSync('/etc/passwd', 'utf8');
  } catch {
    return [];
  }
  return text.split('\n').flatMap((line) => {
    const [name = '', , uid, gid] = line.split(':');
    return uid === undefined || gid === undefined
      ? []
      : [{ name, uid: Number(uid) >>> 0, gid: Number(gid) >>> 0 }];
  });
}

/** The command as the given user starts it. */
export function asUser(
  user: ServerUser,
  file: string,
  args: readonly string[],
  env: Command['env'],
): Command {
  switch (user.kind) {
    case 'self':
      return { file, args, env };
    case 'setuid':
      // Node takes signed ids.
      return { file, args, env, uid: user.uid | 0, gid: user.gid | 0 };
    case 'namespace': {
      // Without --fork: unshare becomes the program, so the pid is the server's own.
      const map = ['--user', `--map-user=${NOBODY_ID}`, `--map-group=${NOBODY_ID}`];
      return { file: 'unshare', args: [...map, file, ...args], env };
    }
  }
}

/** What `postgres --version` says as this user from inside the data directory, or why it cannot. */
async function probe(user: ServerUser, binaries: Binaries, dataDir: string) {
  const args = ['-c', 'cd "$1" && exec "$2" --version', 'sh', dataDir, binaries.postgres];
  const result = await runCommand(asUser(user, '/bin/sh', args, binaries.env), PROBE_TIMEOUT_MS);
  const version = /\(PostgreSQL\) (\S+)/.exec(result.stdout)?.[1];
  if (result.ok && version !== undefined) return { version, failure: '' };
  return { version: undefined, failure: (result.failure || result.stdout).split('\n').at(-1) ?? '' };
}

async function owner(path: string): Promise<{ uid: number; gid: number } | undefined> {
  try {
    const { uid, gid } = await stat(path);
    return { uid, gid };
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Users that root may become, best first: who owns the cluster, who owns the data directory, nobody. initdb wants
 * a user that has an entry in the password file.
 */
async function candidates(dataDir: string, clusterDir: string): Promise<ServerUser[]> {
  const entries = passwordEntries();
  const nobody = entries.find((entry) => entry.name === 'nobody') ?? { uid: NOBODY_ID, gid: NOBODY_ID };
  const directoryOwner = await owner(dataDir);
  const known = entries.some((entry) => entry.uid === directoryOwner?.uid) ? directoryOwner : undefined;
  const users: ServerUser[] = [];
  for (const ids of [await owner(clusterDir), known, nobody]) {
    if (ids === undefined || ids.uid === 0 || users.some((user) => user.uid === ids.uid)) continue;
    users.push({ kind: 'setuid', uid: ids.uid, gid: ids.gid });
  }
  if (process.platform === 'linux') users.push({ kind: 'namespace', uid: 0, gid: 0 });
  return users;
}

/**
 * Chooses the user of the server by trying: PostgreSQL refuses to run as root.
 * @returns the user and the version of the binaries, such as `18.4`
 * @throws EmbeddedUnavailable with what each way of starting the binaries answered
 */
export async function chooseUser(
  binaries: Binaries,
  dataDir: string,
  clusterDir: string,
): Promise<{ user: ServerUser; version: string }> {
  const uid = process.geteuid?.() ?? 0;
  const isRoot = uid === 0;
  const users: ServerUser[] = isRoot
    ? await candidates(dataDir, clusterDir)
    : [{ kind: 'self', uid, gid: process.getegid?.() ?? 0 }];
  const failures: string[] = [];
  for (const user of users) {
    const { version, failure } = await probe(user, binaries, dataDir);
    if (version !== undefined) return { user, version };
    failures.push(user.kind === 'setuid' ? `as uid ${user.uid}: ${failure}` : `${user.kind}: ${failure}`);
  }
  const what = isRoot
    ? 'PostgreSQL refuses root and no other user can run it'
    : `${binaries.postgres} does not run`;
  throw new EmbeddedUnavailable(`${what} (${failures.join('; ')})`);
}

/**
 * Gives a tree to a user. The top last, so that an interrupted run is seen and repeated by the next one. A file
 * with several names is left alone: root must not give away what somebody linked here.
 */
export async function giveTree(path: string, user: ServerUser): Promise<void> {
  const stats = await lstat(path);
  if (stats.isDirectory()) {
    for (const name of await readdir(path)) await giveTree(join(path, name), user);
  } else if (stats.nlink > 1) {
    return;
  }
  if (stats.uid !== user.uid || stats.gid !== user.gid) await lchown(path, user.uid, user.gid);
}
