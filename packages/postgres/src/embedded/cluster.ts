import { randomUUID } from 'node:crypto';
import { chown, mkdir, open, readFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Binaries } from './binaries.ts';
import type { Layout } from './data-directory.ts';
import { errorCode, errorLine, isDiskFull } from './errors.ts';
import { asUser, giveTree, type ServerUser } from './privileges.ts';
import { runCommand } from './run-command.ts';

/** initdb takes 0.8 s here; a slow disk with a full queue is allowed a hundred times that. */
const INITDB_TIMEOUT_MS = 120_000;
const UNFINISHED_PREFIX = 'pg.init-';
/** PostgreSQL 17 brought the builtin locale provider, with the same order of UTF-8 on every machine. */
const BUILTIN_LOCALE_MAJOR_MIN = 17;

export const SUPERUSER = 'postgres';

export type Log = (line: string, fields?: Record<string, unknown>) => void;

/** `18` of `18.4`, `18beta1`. */
export function majorOf(version: string): number {
  return Number.parseInt(version, 10);
}

/** The major version of the cluster, undefined if there is none yet. */
async function clusterMajor(clusterDir: string): Promise<number | undefined> {
  try {
    return majorOf(await readFile(join(clusterDir, 'PG_VERSION'), 'utf8'));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** @throws Error naming both versions if the cluster was made by another major version of PostgreSQL */
export async function checkClusterVersion(clusterDir: string, version: string): Promise<void> {
  const major = await clusterMajor(clusterDir);
  if (major === undefined || major === majorOf(version)) return;
  throw new Error(
    `${clusterDir} is a cluster of PostgreSQL ${major}, but the binaries are PostgreSQL ${version}: ` +
      `use binaries of PostgreSQL ${major}, or dump and restore`,
  );
}

function initdbArguments(directory: string, version: string): string[] {
  const locale =
    majorOf(version) >= BUILTIN_LOCALE_MAJOR_MIN
      ? ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
      : ['--locale=C'];
  return [
    `--pgdata=${directory}`,
    `--username=${SUPERUSER}`,
    '--encoding=UTF8',
    ...locale,
    '--data-checksums',
    '--auth=trust',
    '--no-instructions',
  ];
}

/** Leftovers of killed first starts. An initdb that outlived its hub may still write there: try a few times. */
async function removeUnfinished(dataDir: string, log: Log): Promise<void> {
  for (const name of await readdir(dataDir)) {
    if (!name.startsWith(UNFINISHED_PREFIX)) continue;
    try {
      await rm(join(dataDir, name), { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
      log('removed an unfinished cluster', { name });
    } catch (error) {
      // Its name is never used again, and the next start tries again.
      log('an unfinished cluster could not be removed', { name, error: errorLine(error) });
    }
  }
}

/** Writes, flushes. The file exists already and keeps its owner. */
async function overwrite(path: string, text: string): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function flushDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

function initdbFailure(dataDir: string, output: string): Error {
  if (isDiskFull(output)) return new Error(`data directory ${dataDir} is on a full disk`);
  const lines = output.split('\n').filter((line) => /error|fatal|could not|cannot/i.test(line));
  return new Error(`initdb failed: ${lines.join(' ') || output.split('\n').at(-1) || 'no output'}`);
}

/** initdb works in a directory beside the cluster's; only a complete one, flushed, gets the cluster's name. */
async function createCluster(
  layout: Layout,
  binaries: Binaries,
  user: ServerUser,
  version: string,
): Promise<void> {
  const unfinished = join(layout.dataDir, `${UNFINISHED_PREFIX}${randomUUID()}`);
  await mkdir(unfinished, { mode: 0o700 });
  try {
    if (user.kind === 'setuid') await chown(unfinished, user.uid, user.gid);
    const command = asUser(user, binaries.initdb, initdbArguments(unfinished, version), binaries.env);
    const result = await runCommand(command, INITDB_TIMEOUT_MS);
    if (!result.ok) throw initdbFailure(layout.dataDir, result.failure);
    // Over the socket only, whose directory is closed to others; not even by mistake over TCP.
    await overwrite(join(unfinished, 'pg_hba.conf'), 'local all all trust\n');
    await rename(unfinished, layout.clusterDir);
    await flushDirectory(layout.dataDir);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true, maxRetries: 3, retryDelay: 50 });
    throw error;
  }
}

/** Makes sure that there is a cluster and that it belongs to the server's user. No server may be running on it. */
export async function ensureCluster(
  layout: Layout,
  binaries: Binaries,
  user: ServerUser,
  version: string,
  log: Log,
): Promise<void> {
  const { clusterDir, dataDir } = layout;
  await removeUnfinished(dataDir, log);
  if ((await clusterMajor(clusterDir)) === undefined) {
    const names = await readdir(clusterDir).catch(() => []);
    if (names.length > 0)
      throw new Error(`${clusterDir} is neither empty nor a PostgreSQL cluster: move it away`);
    const startedMs = performance.now();
    await createCluster(layout, binaries, user, version);
    log('created the cluster', { clusterDir, version, ms: Math.round(performance.now() - startedMs) });
    return;
  }
  const { uid } = await stat(clusterDir);
  if (uid === user.uid) return;
  if (user.kind === 'self') {
    throw new Error(
      `${clusterDir} belongs to uid ${uid}, this is uid ${user.uid}: run as that user, or chown it`,
    );
  }
  await giveTree(clusterDir, user);
  log('gave the cluster to another user', { clusterDir, from: uid, to: user.uid });
}
