import type { Store } from '@agentmix/act-core';
import type { Waiting } from './batch.ts';
import { timeOf } from './command-id.ts';
import type { RecentCommands } from './recent-commands.ts';

/** Looks in the log for commands that may be repetitions of old ones, and remembers those that are. */
export const recallOld = async (
  store: Store,
  projectId: string,
  recent: RecentCommands,
  waiting: readonly Waiting[],
): Promise<void> => {
  const doubtful = waiting.filter(({ id, madeAt }) => !recent.isCertainlyNew(madeAt) && !recent.get(id));
  if (doubtful.length === 0) return;
  const since = Math.min(...doubtful.map(({ madeAt }) => madeAt));
  const ids = doubtful.map(({ id }) => id);
  for (const { commandId, fingerprint, eventsText } of await store.findCommands(projectId, ids, since))
    recent.add(commandId, {
      madeAt: timeOf(commandId),
      fingerprint,
      source: { text: eventsText },
      first: 0,
      count: Infinity,
    });
};
