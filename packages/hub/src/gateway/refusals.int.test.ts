import { uuidv7 } from 'uuidv7';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hubCalls } from '@agentmix/act-contract';
import { makeMemoryStore } from '@agentmix/act-memory';
import { makeKey } from '../access/keys/api-key.ts';
import { httpRequest } from '../../test/http-request.ts';
import { makePrincipal } from '../../test/principals.ts';
import { bearer, openRest, restCall } from '../../test/rest-door.ts';
import { connectSocket, eventOf, openSocket } from '../../test/socket-door.ts';
import { memoryStores, TestHub } from '../../test/start-test-hub.ts';
import { makeProject } from '../../test/world.ts';

describe('the hub’s log', () => {
  const lines: object[] = [];
  const log = (fields: unknown): void => void lines.push(fields as object);
  let hub: TestHub;
  let projectId: string;
  beforeAll(async () => {
    hub = await TestHub.start({ logger: { info: log, warn: log, error: log } });
    projectId = await makeProject(openRest(hub));
  });
  afterAll(() => hub.stop());
  const expectLine = (line: object): void => expect(lines).toContainEqual(expect.objectContaining(line));

  it('tells of refused keys, from where, at which door and what for', async () => {
    const nobody = { url: hub.url, token: makeKey(uuidv7(), 'live').text };
    await restCall(nobody, 'project.get', projectId, {});
    const refused = { code: 'unauthorized', address: '127.0.0.1' };
    expectLine({ ...refused, door: 'rest', operation: 'GET /v1/projects/:projectId' });
    const socket = connectSocket(nobody.url, { token: nobody.token });
    await eventOf(socket, 'connect_error');
    socket.disconnect();
    expectLine({ ...refused, door: 'socket.io', operation: 'connect' });
  });

  it('tells of tokens that were made and refused, and whose they are', async () => {
    const { hub: key, memberId } = await makePrincipal(hub, projectId, 'agent', {});
    const { method, path } = hubCalls['token.issue'].route;
    const url = `${hub.url}/v1${path}`;
    expect((await httpRequest(url, { method, headers: bearer(key) })).status).toBe(200);
    expectLine({ operation: 'token.issue', memberId, address: '127.0.0.1' });
    const forged = bearer({ url: hub.url, token: 'eyJ.x.y' });
    expect((await httpRequest(url, { method, headers: forged })).status).toBe(401);
    expectLine({ code: 'token_invalid', operation: `POST /v1${path}`, address: '127.0.0.1' });
  });

  it('tells of refused input and of what a role forbids, at both doors, and who tried', async () => {
    const { hub: key, memberId } = await makePrincipal(hub, projectId, 'viewer', {});
    const socket = await openSocket(key);
    for (const [door, name] of [
      [openRest(key), 'rest'],
      [socket, 'socket.io'],
    ] as const) {
      await door.command('task.create', projectId, { title: 'x' });
      expectLine({ code: 'forbidden', door: name, memberId, address: '127.0.0.1' });
      await door.query('task.list', projectId, { limit: -1 } as never);
      expectLine({ code: 'invalid_input', door: name, memberId, address: '127.0.0.1' });
    }
    socket.socket.disconnect();
  });
});

it('tells of calls beyond a limit', async () => {
  const lines: object[] = [];
  const log = (fields: unknown): void => void lines.push(fields as object);
  const hub = await TestHub.start({
    logger: { info: log, warn: log, error: log },
    stores: memoryStores(makeMemoryStore({ clock: () => Date.now() })),
    limits: { principalPerSecond: 0, projectPerSecond: 0, addressPerSecond: 1 },
  });
  const get = () => httpRequest(`${hub.url}/v1/projects`, { headers: bearer({ url: hub.url, token: 'x' }) });
  await Promise.all(Array.from({ length: 40 }, get));
  expect(lines).toContainEqual(
    expect.objectContaining({ code: 'rate_limited', address: '127.0.0.1', door: 'rest' }),
  );
  await hub.stop();
});

it('tells of unexpected errors at both doors, and the caller nothing of them', async () => {
  const lines: object[] = [];
  const log = (fields: unknown): void => void lines.push(fields as object);
  const logger = { info: log, warn: log, error: log };
  const store = makeMemoryStore({ clock: () => Date.now() });
  const logHead = () => Promise.reject(new TypeError('something is broken'));
  const hub = await TestHub.start({ logger, stores: memoryStores({ ...store, logHead }) });
  const projectId = await makeProject(openRest(hub));
  const socket = await openSocket(hub);
  for (const door of [openRest(hub), socket]) {
    const before = lines.length;
    const { body } = await door.query('audit.head', projectId, {});
    expect(body).toMatchObject({ code: 'internal' });
    expect(JSON.stringify(body)).not.toContain('broken');
    const error: unknown = expect.stringContaining('something is broken');
    expect(lines.slice(before)).toContainEqual(expect.objectContaining({ error }));
  }
  socket.socket.disconnect();
  await hub.stop();
});
