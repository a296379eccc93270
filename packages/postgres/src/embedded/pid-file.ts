import { setTimeout as sleep } from 'node:timers/promises';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { errorCode } from './errors.ts';
import { commandLine, isAlive } from './process-identity.ts';

const EMPTY_FILE_WAIT_MS = 100;

/** What postmaster.pid says: line 1 the pid, 4 the port, 5 the socket directory (miscadmin.h of PostgreSQL). */
export interface PidFile {
  readonly pid: number;
  readonly port: number;
  readonly socketDir: string;
}

function pidFilePath(clusterDir: string): string {
  return join(clusterDir, 'postmaster.pid');
}

async function readLines(clusterDir: string): Promise<string[] | undefined> {
  try {
    return (await readFile(pidFilePath(clusterDir), 'utf8')).split('\n');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Undefined if there is no file, or none with a pid yet. */
export async function readPidFile(clusterDir: string): Promise<PidFile | undefined> {
  const lines = await readLines(clusterDir);
  const pid = Math.abs(Number(lines?.[0]));
  if (lines === undefined || !Number.isInteger(pid) || pid === 0) return undefined;
  return { pid, port: Number(lines[3]), socketDir: lines[4] ?? '' };
}

/** Whether the process is a postgres of this cluster, and not one that got the pid of a dead server. */
function isServerOf(pid: number, clusterDir: string): boolean {
  const line = commandLine(pid);
  if (line === undefined) return false;
  const [program = '', rest] = line.split(` -D ${clusterDir} `);
  return rest !== undefined && basename(program) === 'postgres';
}

/**
 * The server that a killed hub left running on this cluster, if there is one. If there is none, leaves a
 * postmaster.pid that does not keep a new server from starting.
 *
 * A stale file is not deleted: it names the shared memory of the dead server, by which PostgreSQL notices that
 * backends of a killed postmaster are still at work. Only a pid that another process got since would make
 * PostgreSQL refuse to start; that pid is replaced by this process's. PostgreSQL knows that its own parent is no
 * postmaster, then looks at the shared memory, and writes the file anew.
 */
export async function findOrphan(clusterDir: string): Promise<PidFile | undefined> {
  let file = await readPidFile(clusterDir);
  if (file === undefined && (await readLines(clusterDir)) !== undefined) {
    // Created and not yet written, or emptied by a power failure.
    await sleep(EMPTY_FILE_WAIT_MS);
    file = await readPidFile(clusterDir);
    if (file === undefined) await rm(pidFilePath(clusterDir), { force: true });
  }
  if (file === undefined || !isAlive(file.pid)) return undefined;
  if (isServerOf(file.pid, clusterDir)) return file;
  const lines = await readLines(clusterDir);
  if (lines !== undefined) {
    await writeFile(pidFilePath(clusterDir), [String(process.pid), ...lines.slice(1)].join('\n'));
  }
  return undefined;
}

/** The arguments that the server last started on this cluster was given, in the form of `recordedArguments`. */
export async function readRecordedArguments(clusterDir: string): Promise<string> {
  const text = await readFile(join(clusterDir, 'postmaster.opts'), 'utf8').catch(() => '');
  const start = text.indexOf(' "');
  return start < 0 ? '' : text.slice(start).trimEnd();
}

/** Arguments as PostgreSQL writes them to postmaster.opts behind the path of the program. */
export function recordedArguments(args: readonly string[]): string {
  return args
    .map((arg) => ` "${arg}"`)
    .join('')
    .trimEnd();
}
