import { z } from 'zod';
import { command } from '../define.ts';
import { Region, RESERVATION_MODES, ReservedRegion } from '../reservation-entities.ts';
import { REGIONS_MAX } from '../limits.ts';
import * as s from '../scalars.ts';

const speaker = { sessionId: s.SessionId };
const ids = z.array(s.ReservationId).min(1).max(REGIONS_MAX);

export const reservationRequest = command({
  name: 'reservation.request',
  summary:
    'Reserve regions of files before editing them, all or none; what the agent has already is made larger and renewed',
  route: { method: 'POST', path: '/projects/{projectId}/reservations' },
  role: 'agent',
  input: z
    .object({
      ...speaker,
      taskId: s.TaskId.optional().meta({ description: 'Absent: the one task that the session holds' }),
      regions: z.array(Region).min(1).max(REGIONS_MAX),
      mode: z.enum(RESERVATION_MODES).default('exclusive'),
      wait: z.boolean().default(false).meta({
        description: 'Queue instead of being refused; `reservation.granted` tells when it is there',
      }),
      reason: s.Note.optional(),
    })
    .strict(),
  output: z.object({
    status: z.enum(['granted', 'queued']),
    reservations: z.array(
      ReservedRegion.extend({ epoch: s.Seq.meta({ description: 'Rises with every grant of the region' }) }),
    ),
    idleMs: z.int().meta({ description: 'They end when they are not renewed for so long' }),
    others: z
      .array(ReservedRegion.extend({ agentId: s.AgentId }))
      .meta({ description: 'Who else works in these files, elsewhere, when the answer is sent' }),
  }),
  refusals: [
    'session_expired',
    'task_not_found',
    'path_not_yours',
    'region_reserved',
    'reservation_deadlock',
    'limit_reached',
  ],
});

export const reservationRelease = command({
  name: 'reservation.release',
  summary: 'Give reservations back, or leave the queue; without ids and paths all of the session',
  route: { method: 'POST', path: '/projects/{projectId}/reservations/release' },
  role: 'agent',
  urgency: 'keep',
  input: z
    .object({
      ...speaker,
      reservationIds: ids.optional(),
      paths: z.array(s.Path).min(1).max(REGIONS_MAX).optional(),
      committed: z.boolean().default(false).meta({ description: 'The edits are in a commit' }),
    })
    .strict(),
  output: z.object({ released: z.int() }),
  refusals: ['session_expired'],
});

export const reservationForce = command({
  name: 'reservation.force',
  summary: 'End reservations of others; the event tells their holders why',
  route: { method: 'POST', path: '/projects/{projectId}/reservations/force' },
  role: 'coordinator',
  input: z.object({ reservationIds: ids, reason: s.Note.min(1) }).strict(),
  output: z.object({ released: z.int() }),
  refusals: ['reservation_not_found'],
});

export const reservationExpire = command({
  name: 'reservation.expire',
  summary: 'End reservations that were not renewed for too long by the database’s clock',
  input: z.object({ reservationIds: ids }).strict(),
  output: z.object({ released: z.int() }),
  refusals: [],
});
