import { statSync } from 'node:fs';
import { rmdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Binaries, findBinaries } from './binaries.ts';
import { type Log, SUPERUSER, checkClusterVersion, ensureCluster } from './cluster.ts';
import {
  type Layout,
  SOCKET_PORT,
  prepareDataDirectory,
  prepareSocketDirectory,
  removeSocket,
  rotateLog,
  withClearErrors,
} from './data-directory.ts';
import { errorLine, isDiskFull } from './errors.ts';
import { type HeldLock, acquireLock } from './lock.ts';
import { findOrphan, readPidFile, readRecordedArguments, recordedArguments } from './pid-file.ts';
import { Postmaster, logTail, spawnPostmaster } from './postmaster.ts';
import { type ServerUser, asUser, chooseUser } from './privileges.ts';
import { READY_TIMEOUT_MS, waitUntilReady } from './readiness.ts';
import { serverArguments } from './settings.ts';

/** A server that a dead hub left is adopted if it answers within this time; a healthy one takes 10 ms. */
const ADOPTION_TIMEOUT_MS = 3_000;
/** How long leftovers of a killed server (backends, a server that was just starting) may delay a start. */
const LEFTOVERS_TIMEOUT_MS = 15_000;
const LEFTOVERS_RETRY_MS = 100;

export interface EmbeddedOptions {
  /** holds everything: cluster, lock, log, socket; created if it is missing */
  readonly dataDir: string;
  readonly log?: Log;
  /** PostgreSQL settings that replace the supervisor's, such as `{ shared_buffers: '256MB' }` */
  readonly settings?: Record<string, string>;
  /** directory of another installation's initdb and postgres */
  readonly binDir?: string;
}

export interface EmbeddedServer {
  /** `host` for a client: the directory of the Unix socket; there is no TCP listener */
  readonly socketDir: string;
  /** the number in the socket file's name */
  readonly port: number;
  readonly superuser: string;
  readonly pid: number;
  /** whether the server was running already, left by a hub that was killed */
  readonly adopted: boolean;
  /** version of the server, such as `18.4` */
  readonly version: string;
  /** Calls the listener once when the server ends though nobody called `stop`; at once if it already has. */
  onExit(listener: (reason: string) => void): void;
  /** Ends the server and gives the data directory free. Bounded (25 s); the same promise for every caller. */
  stop(): Promise<void>;
}

/** Everything about a start that is decided before a process is looked at. */
interface Plan {
  readonly layout: Layout;
  readonly binaries: Binaries;
  readonly user: ServerUser;
  readonly version: string;
  readonly args: readonly string[];
  readonly log: Log;
}

type StartResult = { readonly server: Postmaster } | { readonly failure: string; readonly mayPass: boolean };

/** Takes over the server that a dead hub left, or ends it if it is deaf, older or set up otherwise. */
async function adopt(plan: Plan): Promise<Postmaster | undefined> {
  const { layout, log, version } = plan;
  const orphan = await findOrphan(layout.clusterDir);
  if (orphan === undefined) return undefined;
  const server = new Postmaster(orphan.pid);
  let obstacle: string | undefined;
  try {
    if (orphan.socketDir !== layout.socketDir || orphan.port !== SOCKET_PORT) {
      // Both are empty while the server is starting: then it becomes clear below whether it is the right one.
      if (orphan.socketDir !== '') obstacle = `it listens in ${orphan.socketDir}`;
    }
    const isSame = (await readRecordedArguments(layout.clusterDir)) === recordedArguments(plan.args);
    if (!isSame) obstacle ??= 'it runs with other settings';
    if (obstacle === undefined) {
      const failed = (): string | undefined => server.ended;
      const wait = { socketDir: layout.socketDir, port: SOCKET_PORT, timeoutMs: ADOPTION_TIMEOUT_MS, failed };
      const facts = await waitUntilReady(wait);
      if (facts.version !== version) obstacle = `it is PostgreSQL ${facts.version}`;
      else if (facts.dataDirectory !== layout.clusterDir) obstacle = `it serves ${facts.dataDirectory}`;
    }
  } catch (error) {
    obstacle = errorLine(error);
  }
  if (obstacle === undefined) return server;
  log('stopping the server that another hub left', { pid: orphan.pid, reason: obstacle });
  await server.stop();
  return undefined;
}

/** One try to start a server and to hear from it. */
async function tryStart(plan: Plan): Promise<StartResult> {
  const { layout, user, binaries, args } = plan;
  await removeSocket(layout);
  await rotateLog(layout);
  const logOffset = statSync(layout.logFile, { throwIfNoEntry: false })?.size ?? 0;
  const command = asUser(user, binaries.postgres, args, binaries.env);
  const server = await spawnPostmaster(command, layout.logFile);
  try {
    const failed = (): string | undefined => server.ended;
    await waitUntilReady({
      socketDir: layout.socketDir,
      port: SOCKET_PORT,
      timeoutMs: READY_TIMEOUT_MS,
      failed,
    });
    // An orphan that was just starting may have been faster, and then it is the one that answered.
    if ((await readPidFile(layout.clusterDir))?.pid === server.pid) return { server };
    await server.stop();
    return { failure: 'another server was faster', mayPass: true };
  } catch (error) {
    await server.stop();
    const tail = logTail(layout.logFile, logOffset);
    if (isDiskFull(tail)) {
      return { failure: `data directory ${layout.dataDir} is on a full disk`, mayPass: false };
    }
    const mayPass =
      tail.includes('pre-existing shared memory block') || tail.includes('lock file "postmaster.pid"');
    return { failure: `PostgreSQL did not start: ${errorLine(error)}; its log: ${tail}`, mayPass };
  }
}

/** Adopts or starts. What a killed server left behind goes away by itself, so those failures are tried again. */
async function bringUp(plan: Plan): Promise<{ server: Postmaster; adopted: boolean }> {
  const deadlineMs = performance.now() + LEFTOVERS_TIMEOUT_MS;
  for (;;) {
    const orphan = await adopt(plan);
    if (orphan !== undefined) return { server: orphan, adopted: true };
    await ensureCluster(plan.layout, plan.binaries, plan.user, plan.version, plan.log);
    await prepareSocketDirectory(plan.layout, plan.user);
    const result = await tryStart(plan);
    if ('server' in result) return { server: result.server, adopted: false };
    if (!result.mayPass || performance.now() > deadlineMs) throw new Error(result.failure);
    await sleep(LEFTOVERS_RETRY_MS);
  }
}

async function makePlan(layout: Layout, options: EmbeddedOptions): Promise<Plan> {
  const binaries = await findBinaries(layout.dataDir, options.binDir);
  const { user, version } = await chooseUser(binaries, layout.dataDir, layout.clusterDir);
  await checkClusterVersion(layout.clusterDir, version);
  const args = serverArguments(layout, user, options.settings ?? {});
  return { layout, binaries, user, version, args, log: options.log ?? (() => undefined) };
}

function toServer(plan: Plan, postmaster: Postmaster, adopted: boolean, lock: HeldLock): EmbeddedServer {
  const { layout, log, version } = plan;
  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    const startedMs = performance.now();
    const mode = await postmaster.stop();
    await removeSocket(layout);
    // Leaves nothing in the directory of temporary files; a directory that is not empty stays.
    await rmdir(layout.socketDir).catch(() => undefined);
    lock.release();
    log('stopped the server', { pid: postmaster.pid, mode, ms: Math.round(performance.now() - startedMs) });
  };
  return {
    socketDir: layout.socketDir,
    port: SOCKET_PORT,
    superuser: SUPERUSER,
    pid: postmaster.pid,
    adopted,
    version,
    onExit: (listener) => postmaster.onExit(listener),
    stop: () => (stopped ??= stop()),
  };
}

/**
 * Starts the PostgreSQL server of a data directory, or adopts the one that a killed hub left running there.
 * @throws EmbeddedUnavailable if this machine cannot run it
 * @throws DataDirectoryInUse if another live hub owns the directory
 * @throws Error with one line for anything else: a full disk, a cluster of another version, a failing server
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const startedMs = performance.now();
  const layout = await prepareDataDirectory(options.dataDir);
  return withClearErrors(layout.dataDir, async () => {
    const lock = acquireLock(layout.dataDir);
    try {
      const plan = await makePlan(layout, options);
      const { server, adopted } = await bringUp(plan);
      const { version, user, log } = plan;
      const ms = Math.round(performance.now() - startedMs);
      log('server ready', { pid: server.pid, version, adopted, user: user.kind, uid: user.uid, ms });
      return toServer(plan, server, adopted, lock);
    } catch (error) {
      lock.release();
      throw error;
    }
  });
}
