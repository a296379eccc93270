import { dirname } from 'node:path';
import type { Failure } from '../git/failure.ts';
import { itemsOf } from '../git/git.ts';
import { shownPath } from '../git/update-index.ts';
import { watchFolder } from './folder-events.ts';
import type { FolderEvents } from './folder-events.ts';
import { makeLook } from './look.ts';
import type { LookOptions, WorktreeReport } from './look.ts';
import { makePace } from './pace.ts';
import type { PaceLimits } from './pace.ts';

/** Looks in vain, one after the other, before the list of ignored folders is read again. */
const VAIN_LOOKS_MAX = 5;

export interface WatchOptions extends LookOptions {
  readonly pace?: PaceLimits;
  /** Told of a look that failed; the next one may succeed. */
  readonly onFailure?: (failure: Failure) => void;
}

export interface Watch {
  /** Looks now; resolves when what was there is delivered or has failed. */
  readonly reconcile: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Adds the folders of created files; true if one is new: the watcher may have missed what came into it. */
const addFolders = (known: Set<string>, { files, changes }: WorktreeReport): boolean => {
  const size = known.size;
  for (const { status, path } of [...files, ...changes]) {
    if (status !== 'created') continue;
    for (let folder = dirname(path); folder !== '.' && !known.has(folder); folder = dirname(folder))
      known.add(folder);
  }
  return known.size > size;
};

/**
 * Watches one worktree until closed: an event leads to a look within a second of quiet, and a look comes every five
 * seconds whatever the watcher says. The first report comes before this resolves.
 */
export const watchWorktree = async (options: WatchOptions): Promise<Watch> => {
  const { git, repository, onFailure } = options;
  const look = makeLook(options);
  const flags = ['-r', '-d', '-z', '--name-only'];
  // 128: there is no commit yet.
  const call = { directory: repository.root, codes: [0, 128] };
  const known = new Set(itemsOf(await git(['ls-tree', ...flags, 'HEAD'], call)).map(shownPath));
  let events: FolderEvents | undefined;
  let vain = 0;
  let hasMissedFolders = false;

  const lookOnce = async (): Promise<void> => {
    const looked = await look();
    if (!looked.ok) return onFailure?.(looked);
    vain = looked.report ? 0 : vain + 1;
    if (looked.report && addFolders(known, looked.report)) hasMissedFolders = true;
    if (!hasMissedFolders && vain !== VAIN_LOOKS_MAX) return;
    if (await events?.renew()) hasMissedFolders = false;
  };

  const pace = makePace(lookOnce, options.pace);
  try {
    events = await watchFolder(git, repository, pace.trigger);
  } catch (error) {
    // For instance more folders than the system lets one user watch.
    const message = `changes are seen late: ${error instanceof Error ? error.message : String(error)}`;
    onFailure?.({ ok: false, reason: 'not_watched', message });
  }
  await pace.lookNow();
  return {
    reconcile: pace.lookNow,
    async close() {
      await events?.close();
      await pace.close();
    },
  };
};
