import { z } from 'zod';
import { command } from '../define.ts';
import { AGENT_STATUSES, CONFLICT_TYPES, FILE_CHANGE_KINDS, MESSAGE_TYPES, URGENCIES } from '../entities.ts';
import {
  CONTENT_BYTES_MAX,
  FILE_CHANGES_MAX,
  PAGE_ITEMS_MAX,
  PATTERNS_MAX,
  STATE_VALUE_BYTES_MAX,
} from '../limits.ts';
import * as s from '../scalars.ts';
import { DirectContent } from '../sealed.ts';

const speaker = { sessionId: s.SessionId };
const letter = {
  messageType: z.enum(MESSAGE_TYPES).default('info'),
  urgency: z.enum(URGENCIES).default('medium'),
  threadId: s.MessageId.optional(),
  taskId: s.TaskId.optional(),
  content: s.json(CONTENT_BYTES_MAX),
};

/** What stops text that makes its readers send it on. */
const TALK_REFUSALS = ['rate_limited', 'too_many_hops', 'repeated_content'] as const;

export const messageSend = command({
  name: 'message.send',
  summary: 'Send a message to one agent of the project',
  route: { method: 'POST', path: '/projects/{projectId}/messages' },
  role: 'agent',
  input: z.object({ ...speaker, to: s.AgentId, ...letter, content: DirectContent }).strict(),
  output: z.object({
    messageId: s.MessageId,
    recipient: z.enum(AGENT_STATUSES).meta({
      description:
        'What the recipient does as the answer is made: it reads the message at work, when its next turn begins, or if it comes back',
    }),
  }),
  refusals: ['session_expired', 'agent_not_found', 'task_not_found', ...TALK_REFUSALS],
});

export const messageRead = command({
  name: 'message.read',
  summary: 'Mark messages to this agent as read',
  route: { method: 'POST', path: '/projects/{projectId}/messages/read' },
  role: 'agent',
  input: z.object({ ...speaker, messageIds: z.array(s.MessageId).min(1).max(PAGE_ITEMS_MAX) }).strict(),
  output: z.object({}),
  refusals: ['session_expired'],
});

export const updateBroadcast = command({
  name: 'update.broadcast',
  summary: 'Tell every member of the project something',
  route: { method: 'POST', path: '/projects/{projectId}/broadcasts' },
  role: 'agent',
  input: z.object({ ...speaker, ...letter, messageType: z.enum(MESSAGE_TYPES).default('update') }).strict(),
  output: z.object({ messageId: s.MessageId }),
  refusals: ['session_expired', 'task_not_found', ...TALK_REFUSALS],
});

export const assistanceRequest = command({
  name: 'assistance.request',
  summary: 'Ask for help; it is offered to the live agents that have the capabilities',
  route: { method: 'POST', path: '/projects/{projectId}/assistance' },
  role: 'agent',
  input: z
    .object({
      ...speaker,
      question: s.Note,
      requires: s.Capabilities.default([]),
      taskId: s.TaskId.optional(),
    })
    .strict(),
  output: z.object({ requestId: s.RequestId, offeredTo: z.array(s.AgentId) }),
  refusals: ['session_expired', 'task_not_found', 'limit_reached'],
});

export const assistanceAnswer = command({
  name: 'assistance.answer',
  summary: 'Accept or decline a request for help',
  route: { method: 'POST', path: '/projects/{projectId}/assistance/{requestId}/answer' },
  role: 'agent',
  input: z.object({ ...speaker, requestId: s.RequestId, accepted: z.boolean() }).strict(),
  output: z.object({}),
  refusals: ['session_expired', 'assistance_not_found'],
});

export const assistanceClose = command({
  name: 'assistance.close',
  summary: 'Close a request for help',
  route: { method: 'POST', path: '/projects/{projectId}/assistance/{requestId}/close' },
  role: 'agent',
  input: z.object({ ...speaker, requestId: s.RequestId }).strict(),
  output: z.object({}),
  refusals: ['session_expired', 'assistance_not_found'],
});

export const statePut = command({
  name: 'state.put',
  summary:
    'Set a key of the shared live state; with expectedVersion only if nobody was faster (0: the key must be new)',
  route: { method: 'PUT', path: '/projects/{projectId}/state/{key}' },
  role: 'agent',
  input: z
    .object({
      key: s.Key,
      value: s.json(STATE_VALUE_BYTES_MAX),
      expectedVersion: z.int().min(0).optional(),
      sessionId: s.SessionId.optional(),
    })
    .strict(),
  output: z.object({ key: s.Key, version: z.int() }),
  refusals: ['session_expired', 'version_mismatch', 'limit_reached'],
});

export const stateDelete = command({
  name: 'state.delete',
  summary: 'Remove a key of the shared live state',
  route: { method: 'DELETE', path: '/projects/{projectId}/state/{key}' },
  role: 'agent',
  input: z.object({ key: s.Key, expectedVersion: z.coerce.number().int().min(1).optional() }).strict(),
  output: z.object({}),
  refusals: ['key_not_found', 'version_mismatch'],
});

export const fileReport = command({
  name: 'file.report',
  summary:
    'Report files that the agent created, modified or deleted; paths are relative to the project’s root',
  route: { method: 'POST', path: '/projects/{projectId}/files' },
  role: 'agent',
  input: z
    .object({
      ...speaker,
      taskId: s.TaskId.optional(),
      changes: z
        .array(
          z
            .object({
              path: s.RelativePath,
              kind: z.enum(FILE_CHANGE_KINDS),
              checksum: z
                .string()
                .regex(/^[0-9a-f]{1,64}$/)
                .optional(),
            })
            .strict(),
        )
        .min(1)
        .max(FILE_CHANGES_MAX),
    })
    .strict(),
  output: z.object({ reported: z.int() }),
  refusals: ['session_expired', 'task_not_found', 'path_not_yours'],
});

export const fileWatch = command({
  name: 'file.watch',
  summary:
    'Register interest in files by patterns (*, **, ?, {a,b}); replaces the session’s earlier patterns',
  route: { method: 'PUT', path: '/projects/{projectId}/sessions/{sessionId}/patterns' },
  role: 'agent',
  input: z.object({ ...speaker, patterns: z.array(s.Path).max(PATTERNS_MAX) }).strict(),
  output: z.object({}),
  refusals: ['session_expired'],
});

export const conflictReport = command({
  name: 'conflict.report',
  summary: 'Report a conflict between agents: a rule resolves it at once, or it is escalated to people',
  route: { method: 'POST', path: '/projects/{projectId}/conflicts' },
  role: 'agent',
  input: z
    .object({
      conflictType: z.enum(CONFLICT_TYPES),
      involvedAgents: z.array(s.AgentId).min(1).max(64),
      taskIds: z.array(s.TaskId).max(64).default([]),
      description: s.Note,
    })
    .strict(),
  output: z.object({ conflictId: s.ConflictId }),
  refusals: ['agent_not_found', 'task_not_found', 'limit_reached'],
});

export const conflictResolve = command({
  name: 'conflict.resolve',
  summary: 'Choose one of the options of an escalated conflict, or record how it was resolved',
  route: { method: 'POST', path: '/projects/{projectId}/conflicts/{conflictId}/resolve' },
  role: 'coordinator',
  input: z
    .object({
      conflictId: s.ConflictId,
      choose: s.Name.optional().meta({ description: 'Id of an option, whose effect is then brought about' }),
      resolution: s.json(CONTENT_BYTES_MAX).optional(),
    })
    .strict()
    .refine(
      ({ choose, resolution }) => (choose === undefined) !== (resolution === undefined),
      'needs choose or resolution',
    ),
  output: z.object({}),
  refusals: ['conflict_not_found', 'option_not_found'],
});

export const conflictExpire = command({
  name: 'conflict.expire',
  summary: 'Take the safe default of an escalated conflict that nobody answered in time',
  input: z.object({ conflictId: s.ConflictId }).strict(),
  output: z.object({}),
  refusals: ['conflict_not_found'],
});

export const conflictContend = command({
  name: 'conflict.contend',
  summary:
    'Raise the contention of a session that was refused a region again and again, or waits for one too long',
  input: z
    .object({
      wantedBy: s.SessionId,
      reservationId: s.ReservationId.optional().meta({
        description: 'What stands in its way; absent: what it waits for too long',
      }),
    })
    .strict(),
  output: z.object({}),
  refusals: ['session_expired'],
});
