import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { keep, readKept } from './kept-file.ts';
import { readSession, sessionFile } from './kept-session.ts';
import { homeFolder } from './place.ts';
import type { Place } from './place.ts';
import { isRunning } from './process-mark.ts';
import type { ProcessMark } from './process-mark.ts';

/** A process that watches a working tree for the agent that came to it first, as long as that one’s session. */
export interface Watcher extends ProcessMark {
  readonly top: string;
  readonly projectId: string;
  readonly agentId: string;
}

const folderOf = (home: string): string => join(homeFolder(home), 'watchers');

/** A hook has no time for a hash; names of files are at most 255 bytes. */
const markFile = (home: string, top: string): string =>
  join(folderOf(home), `${Buffer.from(top).toString('base64url').slice(-200)}.json`);

/** The session that the watcher goes with; undefined once it is over. */
export const sessionOfWatcher = (home: string, { projectId, agentId }: Watcher): string | undefined =>
  readSession(sessionFile(home, projectId, agentId));

const watcherIn = (home: string, file: string): Watcher | undefined => {
  // Written by a watcher alone, in this user's own folder.
  const watcher = readKept(file) as Watcher | undefined;
  return watcher && isRunning(watcher) && sessionOfWatcher(home, watcher) !== undefined ? watcher : undefined;
};

/** What watches a working tree now. One whose session is over is about to end, and counts no more. */
export const watcherOf = (home: string, top: string): Watcher | undefined =>
  watcherIn(home, markFile(home, top));

const marks = (home: string): readonly string[] => {
  try {
    return readdirSync(folderOf(home)).map((name) => join(folderOf(home), name));
  } catch {
    // Nothing was watched yet.
    return [];
  }
};

/** Every process of this user that watches something, also one that is about to end. */
export const watchersHere = (home: string): readonly Watcher[] =>
  marks(home)
    .map((file) => readKept(file) as Watcher | undefined)
    .filter((watcher) => watcher !== undefined)
    .filter(isRunning);

export interface WatcherMark {
  /** Whether the process that made the mark still should watch. */
  readonly stands: () => boolean;
  readonly remove: () => void;
}

/**
 * Marks that a process watches. Of two that begin at once the later mark counts, and an agent that went to another
 * working tree is not watched in the one it left.
 */
export const markWatcher = (home: string, watcher: Watcher): WatcherMark => {
  const file = markFile(home, watcher.top);
  for (const other of marks(home))
    if ((readKept(other) as Watcher | undefined)?.agentId === watcher.agentId) rmSync(other, { force: true });
  keep(file, watcher);
  const stands = (): boolean => {
    const now = readKept(file) as Watcher | undefined;
    return now?.pid === watcher.pid && now.start === watcher.start;
  };
  return {
    stands,
    remove() {
      if (stands()) rmSync(file, { force: true });
    },
  };
};

const isToBegin = (home: string, { top, project }: Place): boolean =>
  project.watch !== undefined && watcherOf(home, top) === undefined;

/** Node is slow to load what starts programs: a hook does it while the hub answers. */
const loadSpawn = () => import('node:child_process');
export const prepareWatching = (home: string, place: Place): void => {
  if (isToBegin(home, place)) void loadSpawn();
};

/**
 * Starts what watches the agent's working tree, where nothing does yet. It ends by itself with the session, the client,
 * or when the repository is left.
 */
export const beginWatching = async (
  home: string,
  place: Place,
  agentId: string,
  clientId: number,
): Promise<void> => {
  if (!isToBegin(home, place)) return;
  const { top, project } = place;
  const { spawn } = await loadSpawn();
  const [program = '', ...words] = project.watch ?? [];
  const all = [...words, 'watch', '--agent', agentId, '--for-hooks-of', String(clientId)];
  const child = spawn(program, all, { cwd: top, detached: true, stdio: 'ignore' });
  // A program that is gone stops no agent: act doctor tells of it.
  child.on('error', () => undefined);
  child.unref();
};
