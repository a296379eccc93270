import { z } from 'zod';
import { command } from '../define.ts';
import { PATTERNS_MAX } from '../limits.ts';
import { MEMBER_KINDS, ROLES } from '../roles.ts';
import * as s from '../scalars.ts';

const KEY_OVERLAP_MS_DEFAULT = 24 * 3_600_000;
const KEY_OVERLAP_MS_MAX = 30 * KEY_OVERLAP_MS_DEFAULT;

const secretHash = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .optional()
  .meta({
    description:
      'SHA-256 of a secret that the caller made, hexadecimal. Absent: the hub draws one and answers it once',
  });
const madeKey = z.object({
  keyId: s.KeyId,
  key: z.string().optional().meta({ description: 'The key itself, once: a repetition answers without it' }),
});

export const memberPut = command({
  name: 'member.put',
  summary: 'Make a human, an agent or a service a member of the project, or change its role',
  route: { method: 'PUT', path: '/projects/{projectId}/members/{memberId}' },
  role: 'admin',
  input: z
    .object({
      memberId: s.MemberId,
      kind: z.enum(MEMBER_KINDS),
      role: z.enum(ROLES).meta({ description: '`owner` only in the hub’s own project' }),
      name: s.Title.optional().meta({ description: 'Of a person: kept apart, never in the log' }),
      agentId: s.AgentId.optional().meta({
        description: 'The one agent it speaks as, which nobody else may then; required for kind `agent`',
      }),
      writePaths: z.array(s.Path).max(PATTERNS_MAX).optional().meta({
        description: 'Patterns (*, **, ?, {a,b}) of the files it may change; absent: all',
      }),
    })
    .strict()
    .refine(({ kind, agentId }) => kind !== 'agent' || agentId !== undefined, {
      path: ['agentId'],
      message: 'must say which agent the member speaks as',
    }),
  output: z.object({ memberId: s.MemberId }),
  refusals: ['agent_taken', 'role_not_here', 'limit_reached'],
});

export const memberRemove = command({
  name: 'member.remove',
  summary: 'Remove a member; its keys, tokens and streams end with it',
  route: { method: 'DELETE', path: '/projects/{projectId}/members/{memberId}' },
  role: 'admin',
  input: z.object({ memberId: s.MemberId }).strict(),
  output: z.object({}),
  refusals: ['member_not_found', 'last_owner'],
});

export const keyCreate = command({
  name: 'key.create',
  summary: 'Make an API key for a member; the key is shown once',
  route: { method: 'POST', path: '/projects/{projectId}/keys' },
  role: 'admin',
  input: z
    .object({
      memberId: s.MemberId,
      label: s.Name.optional().meta({ description: 'What it is for; in the log, so nothing personal' }),
      role: z.enum(ROLES).optional().meta({ description: 'Less than the member’s role; absent: the same' }),
      expiresAt: s.Timestamp.optional(),
      secretHash,
    })
    .strict(),
  output: madeKey,
  refusals: ['member_not_found', 'limit_reached'],
});

export const keyRotate = command({
  name: 'key.rotate',
  summary: 'Make a key in the place of another, which goes on for a while',
  route: { method: 'POST', path: '/projects/{projectId}/keys/{keyId}/rotate' },
  role: 'admin',
  input: z
    .object({
      keyId: s.KeyId,
      overlapMs: z.int().min(0).max(KEY_OVERLAP_MS_MAX).default(KEY_OVERLAP_MS_DEFAULT),
      expiresAt: s.Timestamp.optional().meta({
        description: 'When the new key ends; absent: when the old one would have',
      }),
      secretHash,
    })
    .strict(),
  output: madeKey,
  refusals: ['api_key_not_found', 'limit_reached'],
});

export const keyRevoke = command({
  name: 'key.revoke',
  summary: 'End a key now, with everything that was opened by it',
  route: { method: 'DELETE', path: '/projects/{projectId}/keys/{keyId}' },
  role: 'admin',
  input: z.object({ keyId: s.KeyId }).strict(),
  output: z.object({}),
  refusals: ['api_key_not_found'],
});

export const accessNote = command({
  name: 'access.note',
  summary: 'Record attempts that were refused to a member',
  input: z.object({ memberId: s.MemberId, operation: s.Name, code: s.Name, count: z.int().min(1) }).strict(),
  output: z.object({}),
  refusals: [],
});

export const ownerAdmit = command({
  name: 'owner.admit',
  summary: 'Make the key in a hub’s data directory an owner’s key',
  input: z.object({ memberId: s.MemberId, keyId: s.KeyId, secretHash: z.string() }).strict(),
  output: z.object({}),
  refusals: ['role_not_here', 'duplicate_id'],
});
