import type { Batch } from './batch.ts';

/** Records the steps of a batch that is in: its commands waited, were committed together, and were offered to streams. */
export const traceBatch = ({ waiting, commit }: Batch, sentAt: number, committedAt: number): void => {
  const offeredAt = performance.now();
  for (const { trace, queuedAt } of waiting) {
    if (!trace) continue;
    trace.step('lane.wait', queuedAt, sentAt, { 'act.batch.commands': waiting.length });
    if (!commit) continue;
    trace.step('commit', sentAt, committedAt, { 'act.seq': commit.record.lastSeq });
    trace.step('deliver', committedAt, offeredAt, { 'act.events': commit.changes.events.length });
  }
};
