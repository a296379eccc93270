import { hubCalls, problemOf, refusal } from '@agentmix/act-contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectGraphql } from '../../test/graphql-client.ts';
import { httpRequest } from '../../test/http-request.ts';
import type { HttpAnswer } from '../../test/http-request.ts';
import { connectMcp, postMcp } from '../../test/mcp-client.ts';
import { bearer, openRest } from '../../test/rest-door.ts';
import { connectSocket, eventOf, openSocket } from '../../test/socket-door.ts';
import { TestHub } from '../../test/start-test-hub.ts';

const QUERY = { query: '{ projectList(first: 1) { nodes { id } } }' };
const LIST = { jsonrpc: '2.0', id: 1, method: 'tools/list' };

describe('a hub that takes API keys for tokens only', () => {
  let hub: TestHub;
  beforeAll(async () => {
    hub = await TestHub.start({ areKeysForTokensOnly: true });
  });
  afterAll(() => hub.stop());

  const send = (path: string, token: string, body?: object): Promise<HttpAnswer> =>
    httpRequest(`${hub.url}${path}`, {
      method: body ? 'POST' : 'GET',
      headers: { 'content-type': 'application/json', ...bearer({ url: hub.url, token }) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
  const exchange = async (): Promise<string> => {
    const { status, text } = await send(`/v1${hubCalls['token.issue'].route.path}`, hub.token, {});
    expect(status).toBe(200);
    return (JSON.parse(text) as { token: string }).token;
  };
  const toldToExchange = {
    code: 'token_needed',
    detail: expect.stringMatching(/exchange the key at POST \/v1\/tokens/) as string,
  };

  it('refuses a good key by REST, MCP and GraphQL, and says what to do', async () => {
    const answers = [
      await send('/v1/projects', hub.token),
      await send('/v1/nothing', hub.token),
      await send('/v1/%ff', hub.token),
      await send('/metrics', hub.token),
      await postMcp(hub, LIST),
      await send('/graphql', hub.token, QUERY),
    ];
    for (const { status, text } of answers) {
      expect(status).toBe(401);
      expect(JSON.parse(text)).toMatchObject(toldToExchange);
    }
  });

  it('refuses a good key by Socket.IO and by GraphQL over a WebSocket', async () => {
    const socket = connectSocket(hub.url, { token: hub.token });
    expect(await eventOf(socket, 'connect_error')).toMatchObject({ data: toldToExchange });
    socket.disconnect();
    const closed = await new Promise((resolve) => connectGraphql(hub, resolve));
    expect(closed).toMatchObject({ reason: 'token_needed' });
  });

  it('takes an owner’s key where signing keys are rotated, and no token of it, which may be forged', async () => {
    expect((await send('/v1/tokens/rotate', hub.token, {})).status).toBe(200);
    expect((await send('/v1/tokens/rotate', await exchange(), {})).status).toBe(403);
  });

  it('tells a wrong key nothing of that', async () => {
    const { status, text } = await send('/v1/projects', 'act_live_wrong');
    expect([status, JSON.parse(text)]).toEqual([401, problemOf(refusal('unauthorized'))]);
  });

  it('takes the token that a key was exchanged for at every door', async () => {
    const caller = { url: hub.url, token: await exchange() };
    expect((await openRest(caller).query('project.list', undefined, {})).ok).toBe(true);
    const socket = await openSocket(caller);
    expect((await socket.query('project.list', undefined, {})).ok).toBe(true);
    socket.close();
    const mcp = await connectMcp(caller, {});
    expect((await mcp.client.listTools()).tools.length).toBeGreaterThan(0);
    await mcp.close();
    const { status, text } = await send('/graphql', caller.token, QUERY);
    expect([status, JSON.parse(text)]).toMatchObject([200, { data: { projectList: {} } }]);
  });
});

it('a hub that was told nothing takes API keys at every door', async () => {
  const hub = await TestHub.start();
  expect((await openRest(hub).query('project.list', undefined, {})).ok).toBe(true);
  await hub.stop();
});
