import { request } from 'node:http';
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { Duplex } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bearer, openRest } from '../../../test/rest-door.ts';
import { connectSocket, eventOf, openSocket } from '../../../test/socket-door.ts';
import { TestHub } from '../../../test/start-test-hub.ts';
import { makeProject } from '../../../test/world.ts';

describe('admission over Socket.IO', () => {
  let hub: TestHub;
  beforeAll(async () => {
    hub = await TestHub.start();
  });
  afterAll(() => hub.stop());

  /** The status that answers a websocket handshake; 101 is admission. */
  const handshake = (headers: OutgoingHttpHeaders, path = '/socket.io/?EIO=4&transport=websocket') =>
    new Promise<{ status: number; headers: IncomingMessage['headers'] }>((resolve, reject) => {
      const upgrade = {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
      };
      const asking = request(`${hub.url}${path}`, { headers: { ...upgrade, ...headers } });
      const answer = (response: IncomingMessage, socket?: Duplex): void => {
        socket?.destroy();
        response.resume();
        resolve({ status: response.statusCode ?? 0, headers: response.headers });
      };
      asking.on('upgrade', answer);
      asking.on('response', (response) => answer(response));
      asking.on('error', reject);
      asking.end();
    });

  it('admits a program’s handshake', async () => {
    expect((await handshake({})).status).toBe(101);
    expect((await handshake({ origin: hub.url })).status).toBe(101);
  });

  it.each([
    { host: 'evil.example' },
    { host: 'localhost.evil.example' },
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: 'http://localhost:1' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ])('refuses the handshake with %j, also with a token', async (headers) => {
    for (const token of [{}, bearer(hub)]) {
      const answer = await handshake({ ...headers, ...token });
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
      const names = Object.keys(answer.headers).filter((name) => name.startsWith('access-control-'));
      expect(names).toEqual([]);
    }
  });

  it.each(['EIO=4&transport=carrier-pigeon', 'EIO=4&transport=websocket&sid=x', ''])(
    'refuses the handshake by the query string %j',
    async (query) => {
      expect((await handshake({}, `/socket.io/?${query}`)).status).not.toBe(101);
    },
  );

  it.each([
    ['no token', {}],
    ['an empty token', { token: '' }],
    ['a wrong token', { token: 'act_admin_wrong' }],
    ['a token that is no text', { token: { toString: 1 } }],
    ['a list of tokens', { token: ['a'] }],
  ])('refuses %s by a problem that says so', async (_what, auth) => {
    const socket = connectSocket(hub.url, auth);
    const error = await eventOf(socket, 'connect_error');
    expect(error).toMatchObject({ data: { code: 'unauthorized', status: 401 } });
    socket.disconnect();
  });

  it('refuses the token in the query string', async () => {
    const socket = connectSocket(`${hub.url}?token=${hub.token}`, {});
    const error = await eventOf(socket, 'connect_error');
    expect(error).toMatchObject({ data: { code: 'unauthorized' } });
    socket.disconnect();
  });

  it('sends nothing to a connection that never shows its token, and ends it', async () => {
    const projectId = await makeProject(openRest(hub));
    const socket = connectSocket(hub.url, {});
    const received: unknown[] = [];
    socket.onAny((...values: unknown[]) => received.push(values));
    await eventOf(socket, 'connect_error');
    socket.io.engine.write(`42["subscribe",{"projectId":"${projectId}","after":0}]`);
    socket.io.engine.write(`420["query",{"name":"project.list"}]`);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(received).toEqual([]);
    socket.disconnect();
  });

  it('serves the next connection after refused ones', async () => {
    const door = await openSocket(hub);
    expect(await door.query('project.list', undefined, {})).toMatchObject({ ok: true });
    door.close();
  });
});
