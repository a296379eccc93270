import { z } from 'zod';
import { query } from './define.ts';
import * as e from './entities.ts';
import * as s from './scalars.ts';

/** Another live agent, and what it works on. */
const Colleague = z
  .object({
    agentId: s.AgentId,
    name: s.Name,
    kind: s.Name.optional(),
    tasks: z
      .array(e.Task.pick({ id: true, key: true, title: true, percent: true, filePaths: true }))
      .meta({ description: 'What it holds, each with its first paths' }),
  })
  .meta({ id: 'Colleague' });
export type Colleague = z.infer<typeof Colleague>;

const count = z.int().meta({ description: 'How many there are; the list may show fewer' });

export const agentBriefing = query({
  name: 'agent.briefing',
  summary:
    'What an agent should know now: itself, the tasks it holds, its most urgent unread messages, who else works, open conflicts',
  route: { method: 'GET', path: '/projects/{projectId}/agents/{agentId}/briefing' },
  role: 'agent',
  input: z.object({ agentId: s.AgentId }).strict(),
  output: z.object({
    seq: s.Seq,
    agent: e.Agent.omit({ performanceMetrics: true, keys: true }),
    held: z.object({ count, tasks: z.array(e.Task) }),
    unread: z.object({ count, messages: z.array(e.Message) }),
    others: z.object({ count, agents: z.array(Colleague).meta({ description: 'Those with work first' }) }),
    conflicts: z.object({
      count,
      open: z.array(e.Conflict).meta({ description: 'Those that involve the agent first' }),
    }),
    counts: e.Counts,
  }),
  refusals: ['agent_not_found'],
});
