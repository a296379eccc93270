import { tools } from '@agentmix/act-contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { done } from '../../../test/door.ts';
import { httpRequest } from '../../../test/http-request.ts';
import { connectMcp, postMcp } from '../../../test/mcp-client.ts';
import { makePrincipal } from '../../../test/principals.ts';
import { bearer, openRest } from '../../../test/rest-door.ts';
import { TestHub } from '../../../test/start-test-hub.ts';

const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };

/** What a client of revision 2026-07-28 sends with every request. */
const modern = (method: string, params: Record<string, unknown> = {}) => ({
  message: {
    jsonrpc: '2.0',
    id: 1,
    method,
    params: {
      ...params,
      _meta: {
        'io.modelcontextprotocol/protocolVersion': '2026-07-28',
        'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
        'io.modelcontextprotocol/clientCapabilities': {},
      },
    },
  },
  headers: {
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': method,
    ...(typeof params['name'] === 'string' ? { 'mcp-name': params['name'] } : {}),
  },
});

describe('the door of tools', () => {
  let hub: TestHub;
  let projectId: string;
  beforeAll(async () => {
    hub = await TestHub.start();
    projectId = String((await done(openRest(hub), 'project.create', undefined, { name: 'p' }))['projectId']);
  });
  afterAll(() => hub.stop());

  it('lists the same tools in the same order to clients of both revisions', async () => {
    const names = Object.keys(tools);
    for (const [mode, revision] of [
      ['legacy', '2025-11-25'],
      ['auto', '2026-07-28'],
    ] as const) {
      const { client, close } = await connectMcp(hub, { 'act-agent': 'ada' }, mode);
      expect(client.getNegotiatedProtocolVersion()).toBe(revision);
      expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(names);
      await close();
    }
  });

  it('tells clients of 2026-07-28 what kind of result it is and how long it holds', async () => {
    const { message, headers } = modern('tools/list');
    const { result } = JSON.parse((await postMcp(hub, message, headers)).text);
    expect(result).toMatchObject({ resultType: 'complete', ttlMs: 3_600_000, cacheScope: 'private' });
    const discovered = modern('server/discover');
    const answer = await postMcp(hub, discovered.message, discovered.headers);
    expect(JSON.parse(answer.text).result.supportedVersions).toContain('2026-07-28');
  });

  it('gives out no session id, and takes any', async () => {
    const initialize = {
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '1' } },
    };
    for (const message of [initialize, list]) {
      const answer = await postMcp(hub, message, { 'mcp-session-id': 'of-another-life' });
      expect(answer.status).toBe(200);
      expect(answer.headers).not.toHaveProperty('mcp-session-id');
    }
  });

  it('asks each call for its agent only where neither token nor header names one', async () => {
    const { hub: bound } = await makePrincipal(hub, projectId, 'agent', { kind: 'agent', agentId: 'eve' });
    const required = async (address: typeof bound, headers: Record<string, string>) => {
      const { client, close } = await connectMcp(address, headers);
      const [first] = (await client.listTools()).tools;
      await close();
      return first?.inputSchema.required ?? [];
    };
    expect(await required(hub, {})).toContain('agent');
    expect(await required(hub, { 'act-agent': 'ada' })).not.toContain('agent');
    expect(await required(bound, {})).not.toContain('agent');
    const named = await connectMcp(hub, { 'act-project': projectId });
    expect((await named.call('act_status', { agent: 'zoe' })).facts['agentId']).toBe('zoe');
    await named.close();
    const own = await connectMcp(bound, {});
    expect((await own.call('act_status')).facts['agentId']).toBe('eve');
    await own.close();
  });

  it('stands behind the same guard as every other door', async () => {
    const post = (headers: Record<string, string>) => postMcp(hub, list, headers);
    expect((await post({ authorization: 'Bearer none' })).status).toBe(401);
    expect((await post({ host: 'evil.example' })).status).toBe(403);
    expect((await post({ origin: 'https://evil.example' })).status).toBe(403);
    const { headers } = await httpRequest(`${hub.url}/mcp`, { headers: bearer(hub) });
    expect(headers['access-control-allow-origin']).toBeUndefined();
  });

  it('lets nobody into another project, nor speak as another member’s agent, and lets viewers only look', async () => {
    const other = String(
      (await done(openRest(hub), 'project.create', undefined, { name: 'q' }))['projectId'],
    );
    const stranger = await makePrincipal(hub, other, 'agent');
    const mate = await makePrincipal(hub, projectId, 'agent', { kind: 'agent', agentId: 'mate' });
    const viewer = await makePrincipal(hub, projectId, 'viewer');
    for (const [who, headers, code] of [
      [stranger, { 'act-project': projectId, 'act-agent': 'x' }, 'project_not_found'],
      [mate, { 'act-agent': 'someone-else' }, 'not_your_agent'],
      [viewer, { 'act-agent': 'v' }, 'forbidden'],
    ] as const) {
      const { call, close } = await connectMcp(who.hub, headers);
      expect((await call('act_status')).facts['code']).toBe(code);
      await close();
    }
  });

  it('serves a client on after the hub started anew', async () => {
    const { call } = await connectMcp(hub, { 'act-project': projectId, 'act-agent': 'lasting' });
    const { text } = await call('act_status');
    expect(text).toContain('lasting');
    await hub.restart();
    const after = await connectMcp(hub, { 'act-project': projectId, 'act-agent': 'lasting' });
    expect((await after.call('act_status')).isError).toBe(false);
    const agents = await openRest(hub).query('agent.list', projectId, { agentId: 'lasting' });
    const { items } = agents.body as { items: unknown[] };
    expect(items).toHaveLength(1);
    await after.close();
  });
});
