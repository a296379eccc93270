import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { done } from '../../../test/door.ts';
import type { Door } from '../../../test/door.ts';
import { connectMcp } from '../../../test/mcp-client.ts';
import type { ToolAnswer } from '../../../test/mcp-client.ts';
import { openRest } from '../../../test/rest-door.ts';
import { TestHub } from '../../../test/start-test-hub.ts';

const LISTING_MAX = 5_000;
const ANSWER_MAX = 2_000;

const SAMPLES = {
  prose: 'The parser should keep comments, even where a line ends within a string. ',
  code: 'if (a[i] !== b[j]) { return x?.y ?? (z - 1); } // "quoted" \\ #42\n',
  chinese: '解析器必须保留注释，即使一行在字符串中结束。',
  emoji: '👩‍👩‍👧‍👦🏴‍☠️🫠',
  base64: 'dGhlIHF1aWNrIGJyb3duIGZveCBqdW1wcyBvdmVy',
  rare: 'ᚠᛇᚻ᛫ꙮ𒀀',
};

/** So long a text of these words. */
const fill = (words: string, chars: number): string => {
  const text = words.repeat(Math.ceil(chars / words.length)).slice(0, chars);
  return text.replace(/[\uD800-\uDBFF]$/, '.');
};

describe('what models pay', () => {
  let hub: TestHub;
  let rest: Door;
  beforeAll(async () => {
    hub = await TestHub.start();
    rest = openRest(hub);
  });
  afterAll(() => hub.stop());

  /** A project as full as the contract lets it be where answers look. */
  const crowd = async (words: string): Promise<string> => {
    const projectId = String((await done(rest, 'project.create', undefined, { name: 'p' }))['projectId']);
    const long = {
      title: fill(words, 255),
      description: fill(words, 16_000),
      filePaths: Array.from({ length: 40 }, (_, at) => `src/${at}/${fill(words, 300)}`),
    };
    await done(rest, 'task.create', projectId, { ...long, priority: 0 });
    for (let at = 0; at < 20; at++) {
      const agent = await done(rest, 'agent.register', projectId, {
        agentId: `claude-code:${at}-${'x'.repeat(60)}`,
      });
      const { sessionId } = agent;
      if (at < 10) {
        const { taskId } = await done(rest, 'task.create', projectId, { ...long, priority: 4 });
        await done(rest, 'task.claim', projectId, { sessionId, taskId });
        const regions = [{ path: long.filePaths[at] }, { path: `other/${long.filePaths[at]}` }];
        await done(rest, 'reservation.request', projectId, {
          sessionId,
          regions,
          reason: fill(words, 4_000),
        });
      }
      if (at === 0) await done(rest, 'agent.register', projectId, { agentId: 'ada' });
      const letter = { sessionId, content: fill(words, 4_000) + at };
      await rest.command('message.send', projectId, { ...letter, to: 'ada' });
      await rest.command('update.broadcast', projectId, { ...letter, content: `${at}${letter.content}` });
      await done(rest, 'conflict.report', projectId, {
        conflictType: 'resource_contention',
        involvedAgents: ['ada'],
        description: fill(words, 4_000),
      });
    }
    return projectId;
  };

  it('is at most 5,000 tokens for the whole listing, with instructions', async () => {
    const { client, close } = await connectMcp(hub, {});
    const { tools } = await client.listTools();
    const tokens = countTokens(JSON.stringify(tools)) + countTokens(client.getInstructions() ?? '');
    await close();
    console.info(`listing: ${tools.length} tools, ${tokens} tokens`);
    expect(tools.length).toBeLessThanOrEqual(10);
    expect(tokens).toBeLessThanOrEqual(LISTING_MAX);
  });

  for (const [name, words] of Object.entries(SAMPLES))
    it(
      `is at most 2,000 tokens for any answer, in text and in structure: ${name}`,
      { timeout: 60_000 },
      async () => {
        const headers = { 'act-project': await crowd(words), 'act-agent': 'ada' };
        const { call, close } = await connectMcp(hub, headers);
        const next = await call('act_next');
        const { taskId } = next.facts['task'] as { taskId: string };
        const long = {
          note: fill(words, 4_000),
          checkpoint: { note: fill(words, 4_000), branch: fill(words, 90) },
        };
        const answers: Record<string, ToolAnswer> = {
          next,
          progress: await call('act_progress', { ...long, question: fill(words, 4_000) }),
          again: await call('act_next'),
          status: await call('act_status'),
          task: await call('act_status', { taskId }),
          inbox: await call('act_inbox'),
          reserved: await call('act_reserve', { regions: [{ pattern: '**' }], wait: true }),
          free: await call('act_free'),
          denied: await call('act_reserve', { regions: [{ pattern: '**' }] }),
          complete: await call('act_complete', { taskId }),
        };
        await close();
        const cost = Object.entries(answers).map(([tool, { text, facts }]) => {
          const tokens = Math.max(countTokens(text), countTokens(JSON.stringify(facts)));
          return { tool, tokens };
        });
        console.info(name, JSON.stringify(cost));
        const refused = Object.keys(answers).filter((tool) => answers[tool]?.isError);
        expect(refused).toEqual(['denied']);
        expect(cost.filter(({ tokens }) => tokens > ANSWER_MAX)).toEqual([]);
      },
    );
});
