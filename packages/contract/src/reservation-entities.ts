import { z } from 'zod';
import * as s from './scalars.ts';
import { LINE_MAX, RANGES_MAX } from './limits.ts';

export const RESERVATION_MODES = ['shared', 'exclusive'] as const;
export const RESERVATION_END_REASONS = [
  'released',
  'committed',
  'idle',
  'task_over',
  'session_over',
  'replaced',
  'forced',
] as const;
/** Lines of a file, counted from 1; without lines it is the place after line `start`. */
export const LineRange = z
  .object({ start: z.int().min(0).max(LINE_MAX), lines: z.int().min(0).max(LINE_MAX) })
  .strict()
  .meta({ id: 'LineRange' });
export type LineRange = z.infer<typeof LineRange>;
const region = {
  path: s.RelativePath.optional(),
  pattern: s.Path.optional().meta({
    description: 'Instead of a path: every file that fits (*, **, ?, {a,b})',
  }),
  ranges: z
    .array(LineRange)
    .min(1)
    .max(RANGES_MAX)
    .optional()
    .meta({ description: 'Absent: the whole file' }),
  baseHash: z
    .string()
    .regex(/^[0-9a-f]{1,64}$/)
    .optional()
    .meta({ description: 'Hash of the file version that the lines are counted in' }),
};
/** What is asked for: regions of a file, a whole file, or all files that fit a pattern. */
export const Region = z
  .object(region)
  .strict()
  .refine(
    ({ path, pattern }) => (path === undefined) !== (pattern === undefined),
    'needs a path or a pattern',
  )
  .refine(({ pattern, ranges }) => pattern === undefined || ranges === undefined, 'a pattern has no ranges')
  .meta({ id: 'Region' });
export type Region = z.infer<typeof Region>;
export const ReservedRegion = z
  .object({ reservationId: s.ReservationId, ...region, mode: z.enum(RESERVATION_MODES) })
  .meta({ id: 'ReservedRegion' });
export type ReservedRegion = z.infer<typeof ReservedRegion>;
export const Reservation = z
  .object({
    id: s.ReservationId,
    agentId: s.AgentId,
    sessionId: s.SessionId,
    ...region,
    mode: z.enum(RESERVATION_MODES),
    status: z.enum(['granted', 'queued']),
    epoch: s.Seq.meta({ description: 'Place in the log of its grant, or of its queueing while it waits' }),
    taskId: s.TaskId.optional(),
    reason: s.Note.optional(),
    since: s.Timestamp,
    renewedAt: s.Timestamp,
  })
  .meta({ id: 'Reservation' });
export type Reservation = z.infer<typeof Reservation>;
/** Who stands in the way of a reservation, as `holders` of a refusal says it. Paths and titles are others’ text. */
export const ReservationHolder = z.object({
  ...region,
  status: z.enum(['granted', 'queued']),
  agentId: s.AgentId,
  taskId: s.TaskId.optional(),
  taskTitle: z.string().optional(),
  expires: s.Timestamp.optional(),
  since: s.Timestamp,
});
export type ReservationHolder = z.infer<typeof ReservationHolder>;
