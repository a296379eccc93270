import { z } from 'zod';
import { AuditRecord, SignedHead } from './audit.ts';
import { query } from './define.ts';
import * as e from './entities.ts';
import { PAGE_ITEMS_DEFAULT, PAGE_ITEMS_MAX } from './limits.ts';
import * as s from './scalars.ts';

export const auditHead = query({
  name: 'audit.head',
  summary: 'Where the log ends now, signed by the hub: keep it, and hold later ones against it',
  route: { method: 'GET', path: '/projects/{projectId}/audit/head' },
  role: 'viewer',
  input: z.object({}).strict(),
  output: SignedHead,
  refusals: [],
});

/** For coordinators: events go to every viewer, but who gave which command is told to those who may list members. */
export const auditList = query({
  name: 'audit.list',
  summary: 'Records of the log with their hashes and who gave each command, oldest first, about 1 MiB a page',
  route: { method: 'GET', path: '/projects/{projectId}/audit' },
  role: 'coordinator',
  input: z
    .object({
      after: z.coerce.number().int().min(0).default(0).meta({
        description: 'Records that end after this sequence number',
      }),
    })
    .strict(),
  output: z.object({
    items: z.array(AuditRecord),
    startSeq: s.Seq.meta({ description: 'The first sequence number that the log still holds' }),
    next: s.Seq.optional(),
  }),
  refusals: [],
});

export const privacyExport = query({
  name: 'privacy.export',
  summary: 'What is kept of a member: its row, name, keys without secrets, and messages by or to its agent',
  route: { method: 'GET', path: '/projects/{projectId}/members/{memberId}/data' },
  role: 'admin',
  input: z
    .object({
      memberId: s.MemberId,
      limit: z.coerce.number().int().min(1).max(PAGE_ITEMS_MAX).default(PAGE_ITEMS_DEFAULT),
      after: s.MessageId.optional().meta({ description: 'The `next` of the page before' }),
    })
    .strict(),
  output: z.object({
    member: e.Member.extend({ removedAt: s.Timestamp.optional() }),
    erasedAt: s.Timestamp.optional(),
    wipedAt: s.Timestamp.optional().meta({
      description: 'When nothing of it was left in the server’s files',
    }),
    keys: z.array(e.ApiKey),
    messages: z.array(e.Message),
    next: z.string().optional(),
  }),
  refusals: ['member_not_found'],
});
