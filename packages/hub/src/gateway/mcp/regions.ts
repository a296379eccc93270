import { recordPart, ReservationHolder } from '@agentmix/act-contract';
import type { LineRange, Part, Refusal, Reservation, ReservedRegion } from '@agentmix/act-contract';

const HOLDERS_SHOWN = 6;

const linesOf = (ranges: readonly LineRange[] | undefined): string | undefined =>
  ranges
    ?.map(({ start, lines }) => (lines === 0 ? `after ${start}` : `${start}-${start + lines - 1}`))
    .join(', ');

/** Who stands in the way, as far as a refusal says so. */
export const holdersIn = (data: Refusal['data']): readonly ReservationHolder[] => {
  const parsed = ReservationHolder.array().safeParse(data?.['holders']);
  return parsed.success ? parsed.data.slice(0, HOLDERS_SHOWN) : [];
};

/** Who, until when, and whether it waits for the same itself: nobody’s text. */
export const holderFacts = ({ agentId, taskId, status, expires }: ReservationHolder) => ({
  agentId,
  ...(taskId === undefined ? {} : { taskId }),
  ...(expires === undefined ? { waits: status === 'queued' } : { until: expires }),
});

export const holderPart = ({ agentId, taskId, since, ...holder }: ReservationHolder): Part =>
  recordPart(
    'file',
    { from: agentId, at: since, task: taskId, status: holder.status },
    {
      path: holder.path,
      pattern: holder.pattern,
      lines: linesOf(holder.ranges),
      'for the task': holder.taskTitle,
    },
  );

export const reservationPart = (one: Reservation): Part =>
  recordPart(
    'file',
    { from: one.agentId, at: one.since, type: one.mode, task: one.taskId, status: one.status },
    { path: one.path, pattern: one.pattern, lines: linesOf(one.ranges), reason: one.reason },
  );

/** A region of another agent in the same file, elsewhere. */
export const besidePart = (one: ReservedRegion & { readonly agentId: string }): Part =>
  recordPart(
    'file',
    { from: one.agentId, type: one.mode },
    { path: one.path, pattern: one.pattern, lines: linesOf(one.ranges) },
  );
