import { StoreUnavailable } from '@agentmix/act-core';
import type { Store } from '@agentmix/act-core';
import { GIVE_UP_MS } from './give-up.ts';
import type { Lanes } from './lanes.ts';

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
  const known = lanes.peek(projectId);
  // Where other hubs write, too, it is nearly always in vain before the log was read.
  if (known && !known.mayBeBehind && (await known.flushRows())) return;
  let wantedSeq: number | undefined;
  do {
    // Another hub may have left rows behind, of which this one knows nothing, or write them itself. Rows of what was
    // committed since need not be waited for.
    const { lastSeq, writtenSeq } = (await store.rowsReach(projectId)) ?? { lastSeq: 0, writtenSeq: 0 };
    wantedSeq ??= lastSeq;
    if (writtenSeq >= wantedSeq) return;
    const lane = lanes.of(projectId);
    await lane.read(() => undefined);
    if (await lane.flushRows()) return;
  } while (performance.now() < until);
  throw new StoreUnavailable('the rows stay behind the log');
};
