import { StoreUnavailable } from '@agentmix/act-core';
import { GIVE_UP_MS } from './give-up.ts';
import type { InFlight } from './in-flight.ts';
import type { Memory } from './lane-memory.ts';

/** What a lane knew when a look into the log found nothing beyond, and how far that was. */
export interface Looked {
  readonly memory: Memory;
  readonly seq: number;
}

/** What reading needs of a lane. */
export interface Readable {
  readonly inFlight: InFlight;
  readonly remember: () => Promise<Memory>;
  /** Looks into the log, begun after it was asked for; undefined when a batch was decided meanwhile. */
  readonly look: () => Promise<Looked | undefined>;
}

/**
 * What `see` makes of a state that is on disk and has everything that any hub had committed before this call. A lane at
 * work need not be asked for: a batch that is sent after the call and commits proves, by compare-and-set, that nothing was
 * in the log that it was not decided on. So a reader waits for two batches at most, and an idle lane looks into the log.
 * Only where batches fail, or another hub is faster, it begins again. Throws StoreUnavailable.
 */
export const readNewest = async <T>(lane: Readable, see: (memory: Memory) => T): Promise<T> => {
  const { count } = lane.inFlight;
  const until = performance.now() + GIVE_UP_MS;
  do {
    const memory = await lane.remember();
    const { last } = lane.inFlight;
    if (last) {
      // Seen now, since the next batches are decided on the same state before this one is back.
      const seen = see(memory);
      if ((await last.settled) && last.isProving && last.at >= count) return seen;
    } else {
      const looked = await lane.look();
      if (looked && looked.memory.state.seq === looked.seq) return see(looked.memory);
    }
  } while (performance.now() < until);
  throw new StoreUnavailable('the project cannot be read between the commits of other hubs');
};
