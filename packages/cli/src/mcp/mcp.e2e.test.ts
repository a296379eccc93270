import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { act, jsonOf, startTestHub } from '../../test/run-act.ts';
import type { TestHub } from '../../test/run-act.ts';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));

type Json = Record<string, unknown>;

/** `act mcp` with open pipes, spoken to as an editor does. */
const startMcp = (args: readonly string[], env: TestHub['env']) => {
  const child = spawn(
    process.execPath,
    ['--conditions=@act/source', '--import', import.meta.resolve('tsx'), MAIN, 'mcp', ...args],
    { env: { PATH: process.env['PATH'], ...env }, stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const answers = new Map<unknown, (message: Json) => void>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    const message = JSON.parse(line) as Json;
    answers.get(message['id'])?.(message);
  });
  let last = 0;
  const ask = (method: string, params: Json = {}): Promise<Json> => {
    const id = ++last;
    child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
    return new Promise((resolve) => answers.set(id, resolve));
  };
  const raw = (line: string): Promise<Json> => {
    child.stdin.write(`${line}\n`);
    return new Promise((resolve) => answers.set(null, resolve));
  };
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  return { child, ask, raw, ended };
};

const initialize = {
  protocolVersion: '2025-11-25',
  capabilities: {},
  clientInfo: { name: 't', version: '1' },
};
const call = (name: string, given: Json = {}) => ({ name, arguments: given });
const factsOf = (answer: Json): Json => (answer['result'] as { structuredContent: Json }).structuredContent;

describe('act mcp', () => {
  let hub: TestHub;
  beforeAll(async () => {
    hub = await startTestHub();
    await act(['project', 'create', 'p'], hub.env);
  }, 90_000);
  afterAll(() => hub.stop());

  it('serves the tools to whoever speaks to it by lines, and ends with them', async () => {
    const { child, ask, raw, ended } = startMcp(['--agent', 'ann'], hub.env);
    const begun = await ask('initialize', initialize);
    expect(begun['result']).toMatchObject({
      protocolVersion: '2025-11-25',
      serverInfo: { name: 'act-hub' },
    });
    child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' })}\n`);
    const { tools } = (await ask('tools/list'))['result'] as { tools: unknown[] };
    expect(tools.length).toBeGreaterThan(7);
    const status = await ask('tools/call', call('act_status'));
    expect(factsOf(status)['agentId']).toBe('ann');
    expect(await raw('no json')).toMatchObject({ error: { code: -32_700 } });
    child.stdin.end();
    expect(await ended).toBe(0);
  });

  it(
    'goes on when the hub is started anew, and says clearly when it stays away',
    { timeout: 120_000 },
    async () => {
      const port = new URL(hub.url).port;
      const { child, ask, ended } = startMcp(['--agent', 'ann', '--patience', '60'], hub.env);
      await ask('initialize', initialize);
      const taskId = String(jsonOf(await act(['task', 'create', 'one', '--json'], hub.env))['taskId']);
      const first = await ask('tools/call', call('act_next'));
      expect(factsOf(first)['task']).toMatchObject({ taskId });
      await hub.end();
      const waiting = ask('tools/call', call('act_next'));
      hub = await startTestHub({ folder: hub.folder, port });
      expect(factsOf(await waiting)['task']).toMatchObject({ taskId });
      child.stdin.end();
      await ended;
      const alone = startMcp(['--patience', '1'], { ...hub.env, ACT_URL: 'http://127.0.0.1:9' });
      const answer = await alone.ask('tools/list');
      expect(answer).toMatchObject({ error: { code: -32_603 } });
      expect(JSON.stringify(answer)).toMatch(/act up/);
      alone.child.kill('SIGTERM');
      await alone.ended;
    },
  );
});
