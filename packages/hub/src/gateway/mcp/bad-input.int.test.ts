import fc from 'fast-check';
import { tools } from '@agentmix/act-contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { done } from '../../../test/door.ts';
import { postMcp } from '../../../test/mcp-client.ts';
import { openRest } from '../../../test/rest-door.ts';
import { TestHub } from '../../../test/start-test-hub.ts';

const RUNS = 250;
const KEYS = [
  'taskId',
  'waitMs',
  'percent',
  'note',
  'checkpoint',
  'key',
  'to',
  'text',
  'read',
  'tasks',
  'how',
  'regions',
  'paths',
];

const names = fc.constantFrom(...Object.keys(tools), 'nope', '__proto__', 'constructor', '');
const odd = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom(
    '\u0000',
    '\ud800',
    '\u202e',
    '01900000-0000-7000-8000-000000000000',
    1e308,
    -1,
    '__proto__',
  ),
);
const given = fc.dictionary(fc.oneof(fc.constantFrom(...KEYS), fc.string()), odd, { maxKeys: 6 });
const params = fc.oneof(fc.record({ name: names, arguments: fc.oneof(given, odd) }), odd);
const methods = fc.constantFrom(
  'tools/call',
  'tools/list',
  'initialize',
  'ping',
  'server/discover',
  'resources/read',
  'subscriptions/cancel',
  '__proto__',
);
const message = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      jsonrpc: fc.constant('2.0'),
      id: fc.oneof(fc.integer(), odd),
      method: methods,
      params,
    }),
  },
  { weight: 1, arbitrary: odd },
  {
    weight: 1,
    arbitrary: fc.array(fc.record({ jsonrpc: fc.constant('2.0'), method: methods, params }), {
      maxLength: 4,
    }),
  },
);
const headers = fc.record(
  {
    'mcp-protocol-version': fc.constantFrom('2025-11-25', '2026-07-28', '1999-01-01', 'x'),
    'mcp-session-id': fc.constantFrom('a', 'x'.repeat(200)),
    'mcp-method': fc.constantFrom('tools/call', 'tools/list', '=?base64?%%?='),
    'mcp-name': fc.constantFrom('act_next', 'nope'),
    'act-agent': fc.constantFrom('ada', 'no agent', '-'),
    'idempotency-key': fc.constantFrom('x', '01900000-0000-7000-8000-000000000000'),
  },
  { requiredKeys: [] },
);

describe('bad input at the door of tools', () => {
  let hub: TestHub;
  let projectId: string;
  beforeAll(async () => {
    hub = await TestHub.start();
    projectId = String((await done(openRest(hub), 'project.create', undefined, { name: 'p' }))['projectId']);
  });
  afterAll(() => hub.stop());

  const post = (body: unknown, more: Record<string, string> = {}) =>
    postMcp(hub, body, { 'act-project': projectId, 'act-agent': 'ada', ...more });

  it('is never a defect of the hub, whatever it is', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(message, headers, async (body, more) => {
        const { status, text } = await post(body, more as Record<string, string>);
        expect(status).toBeLessThan(500);
        expect(text).not.toMatch(/"code":"internal"|node_modules|node:internal|\.[jt]s:\d+/);
      }),
      { numRuns: RUNS },
    );
  });

  it.each([
    ['no JSON', '{', 400],
    ['nothing', '', 400],
    ['too long', `"${'x'.repeat(1_100_000)}"`, 413],
    ['too deep', `{"a":${'['.repeat(70_000)}${']'.repeat(70_000)}}`, 413],
  ] as const)('is refused as %s', async (_what, body, status) => {
    expect((await post(body)).status).toBe(status);
  });

  it('names what is wrong with an argument, and nothing of the project', async () => {
    const call = {
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'act_progress', arguments: { percent: 101, more: 1 } },
    };
    const { text } = await post(call);
    expect(text).toContain('percent: ');
    expect(text).toContain('\\"code\\":\\"invalid_input\\"');
  });

  it('in the head is refused by the name of its header', async () => {
    const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
    for (const header of ['act-project', 'act-agent']) {
      const { status, text } = await post(list, { [header]: 'not good' });
      expect([status, text.includes(`${header}: must be`)]).toEqual([400, true]);
    }
  });
});
