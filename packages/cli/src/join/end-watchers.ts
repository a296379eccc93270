import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning, treeOf, watchersHere } from '@agentmix/act-agents';

/** A watcher that is just telling the hub something waits for the answer. */
const END_MS_MAX = 10_000;

/** Ends what watches the worktrees of a repository, and waits until it has: it leaves nothing behind. */
export const endWatchers = async (home: string, root: string): Promise<void> => {
  const watchers = watchersHere(home).filter(({ top }) => treeOf(top)?.root === root);
  for (const { pid } of watchers) process.kill(pid, 'SIGTERM');
  const deadline = performance.now() + END_MS_MAX;
  while (watchers.some(isRunning) && performance.now() < deadline) await sleep(50);
};
