import { createHash, randomUUID } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DataDirectoryInUse, errorCode } from './errors.ts';
import { bootId, isAlive, processStart } from './process-identity.ts';

/**
 * One hub per data directory, by files alone (no flock in Node, no abstract sockets on macOS).
 *
 * The holder is written in `hub.lock` (the root). A stale lock is never deleted or replaced by whoever finds it
 * stale: between looking and deleting, another hub may have put its own live lock there. Instead, whoever wants
 * to succeed the dead holder X must create `hub.lock.<X>.next` with link(2), which fails if it exists. Why two
 * hubs never both win:
 *
 * 1. X is the hash of a lock's bytes, which hold a UUID. So an X that has left the root never comes back.
 * 2. link(2) is atomic and lets one process create X.next. While the winner lives and X is the root, nobody
 *    removes X.next: only a winner removes such files, after it has changed the root.
 * 3. The winner then reads the root again. Still X: nobody had succeeded X before, it is the only holder, and it
 *    renames X.next over the root (atomic). Not X: somebody succeeded X earlier and removed his X.next, which made
 *    room for this one; he changed the root before he removed it, so the second look cannot miss it. Then this
 *    hub has won nothing, takes its file away, and begins again.
 * 4. A winner killed between link and rename leaves X.next. It is the new tail of the chain: its successor must
 *    create `hub.lock.<hash of X.next>.next`, by the same rules, and puts itself at the root.
 */
const LOCK_FILE = 'hub.lock';
const ATTEMPTS_MAX = 1_000;
/** A candidate that nobody took for so long belongs to a hub that was killed while it competed. */
const CANDIDATE_AGE_MAX_MS = 60_000;

interface Lock {
  /** hash of the file's bytes */
  readonly id: string;
  readonly pid: number;
  readonly startedAt: string;
  readonly startTicks?: number;
  readonly bootId?: string;
}

export interface HeldLock {
  release(): void;
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

/** Undefined: no such file. A file that is no lock (emptied by a power failure) reads as held by pid 0, nobody. */
function readLock(path: string): Lock | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  const id = hash(text);
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && 'pid' in value && Number.isInteger(value.pid)) {
      // Only this file writes locks: with a whole pid the other fields are as written.
      return { ...(value as Omit<Lock, 'id'>), id };
    }
  } catch {
    // Not JSON: the same answer as for JSON of another shape.
  }
  return { id, pid: 0, startedAt: 'unknown' };
}

function isHeld(lock: Lock): boolean {
  if (lock.pid <= 0 || !isAlive(lock.pid)) return false;
  if (lock.bootId !== undefined && lock.bootId !== bootId()) return false;
  const start = processStart(lock.pid);
  return lock.startTicks === undefined || start === undefined || lock.startTicks === start;
}

/** Creates `path` as another name of `source`; false if `path` exists. */
function linkNew(source: string, path: string): boolean {
  try {
    linkSync(source, path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

function writeCandidate(path: string): string {
  const text = `${JSON.stringify({
    pid: process.pid,
    startedAt: new Date().toISOString(),
    startTicks: processStart(process.pid),
    bootId: bootId(),
    nonce: randomUUID(),
  })}\n`;
  const file = openSync(path, 'wx', 0o600);
  try {
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  return hash(text);
}

/** One try to become the holder. True: this process holds the lock. False: somebody moved, look again. */
function tryAcquire(dataDir: string, candidate: string): boolean {
  const rootPath = join(dataDir, LOCK_FILE);
  const nextPath = (lock: Lock): string => join(dataDir, `${LOCK_FILE}.${lock.id}.next`);
  const root = readLock(rootPath);
  if (root === undefined) return linkNew(candidate, rootPath);
  let tail = root;
  for (let next = readLock(nextPath(tail)); next !== undefined; next = readLock(nextPath(tail))) tail = next;
  if (isHeld(tail)) {
    if (readLock(rootPath)?.id !== root.id) return false;
    throw new DataDirectoryInUse(dataDir, tail.pid, tail.startedAt);
  }
  if (!linkNew(candidate, nextPath(tail))) return false;
  if (readLock(rootPath)?.id !== root.id) {
    rmSync(nextPath(tail), { force: true });
    return false;
  }
  renameSync(nextPath(tail), rootPath);
  return true;
}

/** Called by the holder: removes what dead hubs left. Living contenders remove their own candidates. */
function sweep(dataDir: string, ownId: string): void {
  for (const name of readdirSync(dataDir)) {
    if (!name.startsWith(`${LOCK_FILE}.`) || name === `${LOCK_FILE}.${ownId}.next`) continue;
    const path = join(dataDir, name);
    const modified = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (name.endsWith('.new') && Date.now() - modified < CANDIDATE_AGE_MAX_MS) continue;
    rmSync(path, { force: true });
  }
}

/**
 * Takes the lock of a data directory for this process. Synchronous: about ten file operations.
 * @throws DataDirectoryInUse if a living process holds it.
 */
export function acquireLock(dataDir: string): HeldLock {
  const rootPath = join(dataDir, LOCK_FILE);
  const candidate = join(dataDir, `${LOCK_FILE}.${randomUUID()}.new`);
  try {
    const id = writeCandidate(candidate);
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      if (!tryAcquire(dataDir, candidate)) continue;
      sweep(dataDir, id);
      return {
        release: () => {
          if (readLock(rootPath)?.id === id) rmSync(rootPath, { force: true });
        },
      };
    }
  } finally {
    rmSync(candidate, { force: true });
  }
  throw new Error(`cannot lock ${dataDir}: other hubs keep moving ${LOCK_FILE}`);
}
