import type { Message, QueryOutput, Task } from '@agentmix/act-contract';
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { describe, expect, it } from 'vitest';
import { failOpenText, mailText, START_MAIL_TOKENS_MAX, startText } from './texts.ts';

const TOKENS_MAX = 1_500;
/** Claude Code cuts what a hook adds to the context here. */
const CHARS_MAX = 10_000;

const WORDS = {
  prose: 'The parser should keep comments, even where a line ends within a string. ',
  code: 'if (a[i] !== b[j]) { return x?.y ?? (z - 1); } // "quoted" \\ #42\n',
  chinese: '解析器必须保留注释，即使一行在字符串中结束。',
  emoji: '👩‍👩‍👧‍👦🏴‍☠️🫠',
  rare: 'ᚠᛇᚻ᛫ꙮ𒀀',
  spaces: '  \n \t ',
};
const AT = '2026-11-24T10:00:00.000Z';
const uuid = (at: number): string => `0199f7a3-9b1c-7d2e-8f40-${String(at).padStart(12, '0')}`;
const agentId = (at: number): string => `claude-code:x@f0@9f@a6@98${'Zq9-'.repeat(18)}${at}`.slice(0, 100);
const fill = (words: string, chars: number): string =>
  words.repeat(Math.ceil(chars / words.length)).slice(0, chars);

const taskOf = (words: string, at: number): Task =>
  ({
    id: uuid(at),
    title: fill(words, 255),
    description: fill(words, 16_000),
    status: 'claimed',
    priority: 4,
    epoch: 1_000_000 + at,
    filePaths: Array.from({ length: 16 }, (_, path) => `src/${path}/${fill(words, 300)}`),
    requires: [],
    dependsOn: [],
    createdAt: AT,
    note: fill(words, 4_000),
  }) as unknown as Task;

/** A project as full as a briefing can show it, of somebody who writes much. */
const crowded = (words: string): QueryOutput<'agent.briefing'> => {
  const tasks = Array.from({ length: 16 }, (_, at) => taskOf(words, at));
  const messages = Array.from({ length: 5 }, (_, at) => ({
    id: uuid(at),
    senderAgentId: agentId(at),
    recipientAgentId: agentId(99),
    timestamp: AT,
    messageType: 'direct',
    urgency: 'critical',
    threadId: uuid(at),
    content: fill(words, 16_000),
  })) as unknown as Message[];
  const agents = Array.from({ length: 32 }, (_, at) => ({
    agentId: agentId(at),
    name: fill(words, 100),
    tasks: tasks.slice(0, 3),
  }));
  return {
    held: { count: 40, tasks },
    unread: { count: 900, messages },
    others: { count: 2_000, agents },
    conflicts: { count: 70, open: [] },
    counts: { ready: 19_000, claimed: 1_900, pending: 18_000, completed: 200_000 },
  } as unknown as QueryOutput<'agent.briefing'>;
};

const speaker = {
  identity: { agentId: agentId(99), client: 'claude-code', name: 'x' },
  place: {
    top: '/shop',
    project: { projectId: uuid(1), name: 'x', url: '', key: '', memberId: '', keyId: '', roots: [] },
  },
};

describe('what a session is told at its start', () => {
  for (const [name, words] of Object.entries(WORDS))
    it(`is at most 1,500 tokens and 10,000 characters in a full and hostile project: ${name}`, () => {
      const briefing = crowded(words);
      const mail = mailText(briefing.unread.messages, START_MAIL_TOKENS_MAX);
      const failOpen = {
        at: AT,
        client: 'claude-code',
        moment: 'before-edit',
        reason: fill('connect ECONNREFUSED ', 300),
      };
      const news = failOpenText([failOpen]);
      const text = [startText(speaker, briefing, mail.text), mail.text, news].join('\n\n');
      expect(countTokens(text)).toBeLessThanOrEqual(TOKENS_MAX);
      expect(text.length).toBeLessThanOrEqual(CHARS_MAX);
      expect(mail.shown.length).toBeGreaterThan(0);
      expect(text).toContain(`= task id=${uuid(0)}`);
    });

  it('names the task that is held, with its epoch, and who else is there', () => {
    const { held, others, ...briefing } = crowded(WORDS.prose);
    const text = startText(speaker, {
      ...briefing,
      held: { count: 1, tasks: held.tasks.slice(0, 1) },
      others: { count: 1, agents: others.agents.slice(0, 1) },
    });
    expect(text).toContain(`It holds 1 task: ${uuid(0)} (epoch 1000000).`);
    expect(text).toContain(`= agent from=${agentId(0)}`);
  });
});
