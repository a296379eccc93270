import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { done } from '../../../test/door.ts';
import { httpRequest } from '../../../test/http-request.ts';
import { openRest } from '../../../test/rest-door.ts';
import { connectSocket, eventOf, openSocket } from '../../../test/socket-door.ts';
import { TestHub } from '../../../test/start-test-hub.ts';
import { makeProject } from '../../../test/world.ts';

describe('the port of Socket.IO', () => {
  let hub: TestHub;
  let url: string;
  beforeAll(async () => {
    hub = await TestHub.start({ socketPort: 0 });
    url = `http://127.0.0.1:${hub.hub.socketPort}`;
  });
  afterAll(() => hub.stop());

  it('takes the same calls, of the same project, as every other door', async () => {
    const door = await openSocket({ url, token: hub.token });
    const projectId = await makeProject(openRest(hub));
    const { taskId } = await done(door, 'task.create', projectId, { title: 'over its own port' });
    const { body } = await openRest(hub).query('task.get', projectId, { taskId });
    expect(body).toMatchObject({ title: 'over its own port' });
    door.socket.disconnect();
  });

  it('refuses who has no token, and who comes from a page of another origin', async () => {
    const nobody = connectSocket(url, {});
    expect(await eventOf(nobody, 'connect_error')).toMatchObject({ message: 'unauthorized' });
    const page = new WebSocket(`${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`, {
      headers: { origin: 'http://evil.example' },
    });
    const [, response] = (await once(page, 'unexpected-response')) as [unknown, { statusCode: number }];
    expect(response.statusCode).toBe(403);
  });

  it('serves nothing else', async () => {
    for (const path of ['/v1/projects', '/healthz', '/graphql', '/mcp', '/'])
      expect((await httpRequest(`${url}${path}`, {})).status).toBe(404);
    const graphql = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    const [, response] = (await once(graphql, 'unexpected-response')) as [unknown, { statusCode: number }];
    expect(response.statusCode).toBe(404);
  });

  it('that another program has keeps the hub from starting, and nothing stays behind', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    await expect(TestHub.start({ socketPort: port })).rejects.toThrow('EADDRINUSE');
    await expect(TestHub.start({ port, socketPort: port })).rejects.toThrow('are both');
    other.close();
  });
});
