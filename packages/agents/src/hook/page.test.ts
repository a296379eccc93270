import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import type { Message, Prediction, QueryOutput } from '@agentmix/act-contract';
import { deniedText, neighboursText } from './edit-texts.ts';
import { failOpenText, mailText, predictionsText, startText, workText } from './texts.ts';

const PAGE = new URL('../../../../docs/what-your-agent-sees.md', import.meta.url);

const CLAUDE = 'claude-code:b12cb3ed-6d9f-403a-b6ea-800b046e3e95';
const CODEX = 'codex:01a20d08-b29e-7930-b1d7-abab5b162a16';
const TASK = '01a20d22-4bb3-7c32-855e-3a8cbd9b98c8';
const lines = { path: 'src/shop.txt', ranges: [{ start: 10, lines: 1 }] };
const sentAt = '2026-11-24T10:38:02.609Z';

const message: Message = {
  id: '01a20d23-0000-7000-8000-000000000001',
  senderAgentId: CODEX,
  recipientAgentId: CLAUDE,
  messageType: 'info',
  content: 'May I have line 10?',
  urgency: 'high',
  timestamp: sentAt,
};

const holder = {
  ...lines,
  agentId: CLAUDE,
  status: 'granted' as const,
  taskId: TASK,
  expires: '2026-11-24T10:48:02.609Z',
};
const failOpens = ['before-edit', 'before-edit', 'prompt'].map((moment) => ({
  at: '2026-11-24T10:40:00.000Z',
  client: 'codex',
  moment,
  reason: 'connect ECONNREFUSED 127.0.0.1:3000',
}));

const prediction: Prediction = {
  worktrees: ['a', 'b'],
  agents: [CLAUDE, CODEX],
  path: 'src/shop.txt',
  kind: 'content',
  seq: 1,
  since: sentAt,
};

const project = '01a20d00-d18a-7352-b91f-4c785c1a67fa';
const speaker = {
  identity: { agentId: CLAUDE, client: 'claude-code', name: 'claude-code in shop' },
  place: {
    top: '/shop',
    project: { projectId: project, name: 'shop', url: '', key: '', memberId: '', keyId: '', roots: [] },
  },
};
const briefing: QueryOutput<'agent.briefing'> = {
  seq: 9,
  agent: {
    id: CLAUDE,
    name: 'claude-code in shop',
    capabilities: [],
    status: 'idle',
    lastSeen: sentAt,
  },
  held: { count: 0, tasks: [] },
  unread: { count: 0, messages: [] },
  others: {
    count: 1,
    agents: [
      {
        agentId: CODEX,
        name: 'codex in shop-b',
        tasks: [{ id: TASK, title: 'Farewell', filePaths: [] }],
      },
    ],
  },
  conflicts: { count: 0, open: [] },
  counts: { ready: 2, claimed: 1, pending: 0, completed: 4, blocked: 0, cancelled: 0, failed: 0 },
};

it.each([
  ['its start', startText(speaker, briefing)],
  ['what is left before it stops', workText(briefing)],
  ['a denied edit', deniedText([holder], Date.parse(sentAt))],
  ['neighbours', neighboursText([{ ...lines, agentId: CLAUDE, reservationId: TASK, mode: 'exclusive' }])],
  ['messages', mailText([message]).text],
  ['a predicted conflict', predictionsText(CLAUDE, [prediction], [])],
  ['a conflict that is gone', predictionsText(CLAUDE, [], [prediction])],
  ['a hub that was away', failOpenText(failOpens)],
])('shows on the page what an agent reads of %s, word for word', async (_what, text) => {
  const blocks = (await readFile(PAGE, 'utf8')).split('```\n').filter((_, at) => at % 2 === 1);
  expect(blocks).toContain(`${text}\n`);
});
