import { StoreUnavailable } from '@agentmix/act-core';
import type { Store } from '@agentmix/act-core';
import type { Lanes } from './lanes.ts';

/** As for a command: a query whose rows could not be written for so long is told so. */
const GIVE_UP_MS = 5_000;

/**
 * Queries read rows: those that are behind the log are written first, so that everyone reads what they were answered. A
 * flush that commits proves by compare-and-set that there was nothing else to write. Throws StoreUnavailable.
 */
export const bringRowsUp = async (
  store: Pick<Store, 'rowsReach'>,
  lanes: Pick<Lanes, 'of' | 'peek'>,
  projectId: string,
): Promise<void> => {
  const until = performance.now() + GIVE_UP_MS;
  let wantedSeq: number | undefined;
  do {
    if (await lanes.peek(projectId)?.flushRows()) return;
    // Another hub may have left rows behind, of which this one knows nothing, or be faster than this one’s flush. Rows
    // of what was committed since need not be waited for.
    const { lastSeq, writtenSeq } = (await store.rowsReach(projectId)) ?? { lastSeq: 0, writtenSeq: 0 };
    wantedSeq ??= lastSeq;
    if (writtenSeq >= wantedSeq) return;
    await lanes.of(projectId).read(() => undefined);
  } while (performance.now() < until);
  throw new StoreUnavailable('the rows stay behind the log');
};
