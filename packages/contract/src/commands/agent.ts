import { z } from 'zod';
import { command } from '../define.ts';
import * as s from '../scalars.ts';
import { KeyProof, publicKeys } from '../sealed.ts';

export const agentRegister = command({
  name: 'agent.register',
  summary: 'Join the project; opens a session, ending an earlier one of the same agent or resuming it',
  route: { method: 'POST', path: '/projects/{projectId}/agents' },
  role: 'agent',
  urgency: 'keep',
  input: z
    .object({
      agentId: s.AgentId,
      name: s.Name.optional(),
      kind: s.Name.optional().meta({
        description: 'What runs it: claude-code, codex, cursor, devin, script …',
      }),
      capabilities: s.Capabilities.default([]),
      leaseMs: s.LeaseMs.optional(),
      resume: z.boolean().optional().meta({
        description:
          'Go on with the session that the agent has, if it is live: its tasks stay held, and it stays as it was opened',
      }),
    })
    .strict(),
  output: z.object({ agentId: s.AgentId, sessionId: s.SessionId, leaseMs: s.LeaseMs }),
  refusals: ['limit_reached'],
});

export const agentHeartbeat = command({
  name: 'agent.heartbeat',
  summary: 'Renew the session’s lease; any other call of the session does so too',
  route: { method: 'POST', path: '/projects/{projectId}/sessions/{sessionId}/heartbeat' },
  role: 'agent',
  urgency: 'keep',
  input: z.object({ sessionId: s.SessionId }).strict(),
  output: z.object({
    leaseMs: s.LeaseMs,
    held: z
      .array(z.object({ taskId: s.TaskId, epoch: s.Epoch }))
      .meta({ description: 'The grants the session still has' }),
  }),
  refusals: ['session_expired'],
});

export const agentDisconnect = command({
  name: 'agent.disconnect',
  summary: 'End the session; its tasks return at once with their checkpoints',
  route: { method: 'DELETE', path: '/projects/{projectId}/sessions/{sessionId}' },
  role: 'agent',
  urgency: 'keep',
  input: z.object({ sessionId: s.SessionId }).strict(),
  output: z.object({}),
  refusals: ['session_expired'],
});

export const agentPublishKeys = command({
  name: 'agent.publish_keys',
  summary: 'Publish the agent’s keys for sealed messages, instead of those it published before',
  route: { method: 'PUT', path: '/projects/{projectId}/sessions/{sessionId}/keys' },
  role: 'agent',
  input: z.object({ sessionId: s.SessionId, ...publicKeys, proof: KeyProof }).strict(),
  output: z.object({ seq: s.Seq.meta({ description: 'Place of agent.keys_published in the log' }) }),
  refusals: ['session_expired', 'proof_invalid'],
});

export const sessionExpire = command({
  name: 'session.expire',
  summary: 'End a session whose lease has run out by the database’s clock',
  input: z.object({ sessionId: s.SessionId }).strict(),
  output: z.object({}),
  refusals: ['session_expired', 'lease_live'],
});
