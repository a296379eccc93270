import { subscribe } from '@parcel/watcher';
import type { AsyncSubscription } from '@parcel/watcher';
import { join } from 'node:path';
import { itemsOf } from '../git/git.ts';
import type { Git } from '../git/git.ts';
import type { Repository } from '../git/repository.ts';
import { shownPath } from '../git/update-index.ts';

/** A subscription renews itself at most so often, as a multiple of the time that takes. */
const REST_FACTOR = 20;

export interface FolderEvents {
  /**
   * Subscribes anew: to folders made since, some of which the watcher may have missed, and no longer to those that
   * became ignored. Does nothing if the last time is not long ago; true when it did something.
   */
  readonly renew: () => Promise<boolean>;
  readonly close: () => Promise<void>;
}

/** Folders whose content git ignores, such as node_modules: most files of many trees. */
const ignoredFolders = async (git: Git, { root }: Repository): Promise<string[]> => {
  const flags = ['--others', '--ignored', '--exclude-standard', '--directory', '-z'];
  const items = itemsOf(await git(['ls-files', ...flags], { directory: root }));
  return items.filter((item) => item.endsWith('/')).map((item) => join(root, shownPath(item)));
};

/**
 * Calls `onEvent` when something below a worktree may have changed. Which file is not told: the watcher misses what
 * is written into a folder right after it was made, and others lose up to two thirds of a burst. It only says when
 * to ask git.
 */
export const watchFolder = async (
  git: Git,
  repository: Repository,
  onEvent: () => void,
): Promise<FolderEvents> => {
  const open = async (): Promise<AsyncSubscription> => {
    const ignore = [join(repository.root, '.git'), ...(await ignoredFolders(git, repository))];
    // An error, such as a queue that ran over, means that something happened.
    return subscribe(repository.root, () => onEvent(), { ignore });
  };
  let renewableAt = 0;
  const openTimed = async (): Promise<AsyncSubscription> => {
    const start = performance.now();
    const opened = await open();
    const now = performance.now();
    renewableAt = now + REST_FACTOR * (now - start);
    return opened;
  };
  let current = await openTimed();
  return {
    async renew() {
      if (performance.now() < renewableAt) return false;
      // The library answers a second subscription to a folder with the first one, so that has to end before.
      await current.unsubscribe();
      current = await openTimed();
      // What happened in between is seen by the next look.
      onEvent();
      return true;
    },
    close: () => current.unsubscribe(),
  };
};
