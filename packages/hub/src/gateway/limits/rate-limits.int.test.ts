import { uuidv7 } from 'uuidv7';
import { io } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer } from '../../../test/contract.ts';
import { done, expectProblem } from '../../../test/door.ts';
import type { Door } from '../../../test/door.ts';
import { httpRequest } from '../../../test/http-request.ts';
import type { HttpAnswer } from '../../../test/http-request.ts';
import { answerOf, bearer, openRest } from '../../../test/rest-door.ts';
import { answerOfAck, connectSocket, eventOf, openSocket } from '../../../test/socket-door.ts';
import { NO_RATE_LIMITS, TestHub } from '../../../test/start-test-hub.ts';
import { makeProject } from '../../../test/world.ts';
import { makeKey } from '../../access/keys/api-key.ts';

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const nextWindow = (): Promise<void> => sleep(1_100);

describe('a principal or a project beyond its limit', () => {
  let hub: TestHub;
  let rest: Door;
  let busy: string;
  let quiet: string;
  beforeAll(async () => {
    hub = await TestHub.start({ limits: { ...NO_RATE_LIMITS, projectPerSecond: 5 } });
    rest = openRest(hub);
    busy = await makeProject(rest, 'busy');
    quiet = await makeProject(rest, 'quiet');
  });
  afterAll(() => hub.stop());

  /** Many at once: even on a machine that needs five seconds for them most are beyond the limit. */
  const flood = <T>(call: () => Promise<T>): Promise<T[]> =>
    Promise.all(Array.from({ length: 80 }, () => call()));
  const refusedIn = (answers: Answer[]): Answer[] => answers.filter(({ ok }) => !ok);

  it('is refused over REST with Retry-After, and let in when the second is over', async () => {
    const url = `${hub.url}/v1/projects/${busy}`;
    const answers = await flood(() => httpRequest(url, { headers: bearer(hub) }));
    const refused = answers.filter(({ status }) => status !== 200);
    expect(refused.length).toBeGreaterThanOrEqual(40);
    for (const answer of refused) {
      expectProblem(answerOf(answer), 'rate_limited');
      expect(answer.headers['retry-after']).toBe('1');
      expect(answerOf(answer).body).toMatchObject({ limit: 'projectPerSecond', retryAfter: 1 });
    }
    expect((await rest.query('project.get', quiet, {})).ok).toBe(true);
    await nextWindow();
    expect((await rest.query('project.get', busy, {})).ok).toBe(true);
  });

  it('is refused streams', async () => {
    const url = `${hub.url}/v1/projects/${busy}/events?after=999999999`;
    const answers: HttpAnswer[] = await flood(() => httpRequest(url, { headers: bearer(hub) }));
    expect(answers.filter(({ status }) => status === 429).length).toBeGreaterThanOrEqual(40);
    await nextWindow();
  });

  it('is refused over Socket.IO: commands, queries and subscriptions count together', async () => {
    const door = await openSocket(hub);
    const commands = await flood(() => door.command('project.update', busy, { name: 'busy' }));
    expect(refusedIn(commands).length).toBeGreaterThanOrEqual(40);
    for (const answer of refusedIn(commands)) expectProblem(answer, 'rate_limited');
    const [query, subscribed] = await Promise.all([
      door.query('project.get', busy, {}),
      door.ask('subscribe', { projectId: busy }),
    ]);
    expectProblem(query, 'rate_limited');
    expectProblem(answerOfAck(subscribed), 'rate_limited');
    await done(door, 'project.update', quiet, { name: 'quiet' });
    door.close();
  });
});

describe('an address beyond its limit', () => {
  let hub: TestHub;
  beforeAll(async () => {
    hub = await TestHub.start({ limits: { ...NO_RATE_LIMITS, addressPerSecond: 50 } });
    await openRest(hub).query('project.list', undefined, {});
  });
  afterAll(() => hub.stop());

  it('is refused whatever needs no token, and every token that is not known to be good', async () => {
    const wrong = { authorization: 'Bearer wrong' };
    const first = await httpRequest(`${hub.url}/v1/projects`, { headers: wrong });
    expectProblem(answerOf(first), 'unauthorized');
    const answers = await Promise.all(
      Array.from({ length: 60 }, () => httpRequest(`${hub.url}/v1/projects`, { headers: wrong })),
    );
    expect(answers.filter(({ status }) => status === 429).length).toBeGreaterThanOrEqual(15);
    const documents = await Promise.all(
      Array.from({ length: 20 }, () => httpRequest(`${hub.url}/openapi.json`)),
    );
    expect(documents.some(({ status }) => status === 429)).toBe(true);
    const known = await openRest(hub).query('project.list', undefined, {});
    expect(known.ok).toBe(true);
    expect((await httpRequest(`${hub.url}/healthz`)).status).toBe(200);
    await nextWindow();
  });

  it('is refused paths that cannot be read, like any other', async () => {
    const headers = { authorization: `Bearer ${makeKey(uuidv7(), 'live').text}` };
    const answers = await Promise.all(
      Array.from({ length: 200 }, () => httpRequest(`${hub.url}/v1/%ff`, { headers })),
    );
    expect(answers.filter(({ status }) => status === 429).length).toBeGreaterThanOrEqual(40);
    await nextWindow();
  });

  it('is refused new WebSockets before they are made; those that are there go on', async () => {
    const door = await openSocket(hub);
    const sockets = Array.from({ length: 80 }, () => connectSocket(hub.url, { token: 'wrong' }));
    const errors = await Promise.all(sockets.map((socket) => eventOf(socket, 'connect_error')));
    expect(errors.filter((error) => String(error) !== 'Error: unauthorized').length).toBeGreaterThanOrEqual(
      40,
    );
    expect((await door.query('project.list', undefined, {})).ok).toBe(true);
    for (const socket of sockets) socket.disconnect();
    door.close();
    await nextWindow();
  });

  it('gets in by Socket.IO when it comes again later', async () => {
    const socket = io(hub.url, { transports: ['websocket'], auth: { token: hub.token }, forceNew: true });
    await eventOf(socket, 'connect');
    socket.disconnect();
  });
});

describe('behind a proxy', () => {
  it('addresses are those that the proxy tells', async () => {
    const hub = await TestHub.start({
      isTlsTerminated: true,
      limits: { ...NO_RATE_LIMITS, addressPerSecond: 100 },
    });
    const ask = (address: string): Promise<HttpAnswer> =>
      httpRequest(`${hub.url}/openapi.json`, { headers: { 'x-forwarded-for': `10.0.0.1, ${address}` } });
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask('192.0.2.1')));
    expect(answers.some(({ status }) => status === 429)).toBe(true);
    expect((await ask('192.0.2.2')).status).toBe(200);
    await hub.stop();
  });
});
