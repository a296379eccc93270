import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asked, expectProblem } from '../../../test/door.ts';
import type { Door } from '../../../test/door.ts';
import { handshakeOf } from '../../../test/handshake.ts';
import { httpRequest, rawBytes } from '../../../test/http-request.ts';
import { answerOf, bearer, openRest } from '../../../test/rest-door.ts';
import { eventOf, openSocket } from '../../../test/socket-door.ts';
import { NO_RATE_LIMITS, TestHub } from '../../../test/start-test-hub.ts';

const WAITING_MAX = 20;
const statusesIn = (received: string): number[] =>
  [...received.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status));

describe('callers that are a burden', () => {
  let hub: TestHub;
  let door: Door;
  beforeAll(async () => {
    hub = await TestHub.start({
      limits: { ...NO_RATE_LIMITS, waitingPerAddress: WAITING_MAX, connectionsPerAddress: 60 },
    });
    door = openRest(hub);
  });
  afterAll(() => hub.stop());

  const head = (line: string, ...headers: string[]): string =>
    [line, 'Host: 127.0.0.1', `Authorization: Bearer ${hub.token}`, ...headers, '', ''].join('\r\n');
  const post = (...headers: string[]): string =>
    head('POST /v1/projects HTTP/1.1', 'Content-Type: application/json', ...headers);
  const open = async (text: string): Promise<Socket> => {
    const socket = connect(Number(new URL(hub.url).port), '127.0.0.1');
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    socket.write(text);
    return socket;
  };
  const isServing = async (): Promise<void> => {
    expect(await asked(door, 'project.list', undefined)).toHaveProperty('items');
  };

  it('with compressed bodies are refused', async () => {
    const body = gzipSync(JSON.stringify({ name: 'a'.repeat(100_000) }));
    for (const encoding of ['gzip', 'deflate', 'br', 'gzip, gzip']) {
      const headers = { ...bearer(hub), 'content-type': 'application/json', 'content-encoding': encoding };
      const answer = await httpRequest(`${hub.url}/v1/projects`, { method: 'POST', headers, body });
      expectProblem(answerOf(answer), 'unsupported_media_type');
    }
  });

  it('with too many headers are refused by name', async () => {
    const headers = Object.fromEntries(Array.from({ length: 101 }, (_, at) => [`x-${at}`, '1']));
    const answer = await httpRequest(`${hub.url}/v1/projects`, { headers: { ...headers, ...bearer(hub) } });
    expectProblem(answerOf(answer), 'headers_too_large');
  });

  it('with 17 kB of headers are cut off', async () => {
    const bytes = head('GET /v1 HTTP/1.1', `X-Long: ${'a'.repeat(17_000)}`);
    expect(await rawBytes(hub.url, bytes, 20_000)).toBe('');
  });

  it('that announce too much are refused before they send it', async () => {
    const received = await rawBytes(hub.url, post('Content-Length: 104857600'), 2_000);
    expect(statusesIn(received)).toEqual([413]);
    expect(received).toContain('payload_too_large');
  });

  it('that ask before they send are told to when their head is let in, and only then', async () => {
    const body = '{"name":"asked before"}';
    const expectation = ['Expect: 100-continue', `Content-Length: ${body.length}`, 'Connection: close'];
    const socket = await open(post(...expectation));
    const [first] = (await once(socket, 'data')) as [Buffer];
    expect(first.toString()).toMatch(/^HTTP\/1\.1 100 /);
    socket.write(body);
    expect(String((await once(socket, 'data'))[0])).toMatch(/^HTTP\/1\.1 200 /);
    const wrong = post(...expectation).replace(hub.token, 'wrong');
    expect(statusesIn(await rawBytes(hub.url, wrong, 2_000))).toEqual([401]);
    const large = post('Expect: 100-continue', 'Content-Length: 104857600');
    expect(statusesIn(await rawBytes(hub.url, large, 2_000))).toEqual([413]);
    const strange = post('Expect: the-unexpected', 'Content-Length: 2', 'Connection: close');
    expect(statusesIn(await rawBytes(hub.url, strange, 2_000))).toEqual([417]);
  });

  it('with endless chunk extensions are cut off', async () => {
    const bytes = `${post('Transfer-Encoding: chunked')}5;${'a'.repeat(40_000)}`;
    expect(statusesIn(await rawBytes(hub.url, bytes))).toEqual([400]);
  });

  it('with chunks beyond the size of a body are refused', async () => {
    const chunk = `10000\r\n${'a'.repeat(65_536)}\r\n`;
    const received = await rawBytes(hub.url, post('Transfer-Encoding: chunked') + chunk.repeat(20));
    // A hub that stops reading may close before its answer is on the way.
    expect([[], [413]]).toContainEqual(statusesIn(received));
    await isServing();
  });

  it('that send requests without waiting for answers are cut off', async () => {
    const line = head('GET /v1/projects HTTP/1.1');
    expect(statusesIn(await rawBytes(hub.url, line.repeat(4), 1_000))).toEqual(Array(4).fill(200));
    expect(statusesIn(await rawBytes(hub.url, line.repeat(50), 2_000)).length).toBeLessThan(5);
    await isServing();
  });

  it('and say nothing make room for the next; those with a token and those that ask stay', async () => {
    const socket = await openSocket(hub);
    const kept = await open(head('GET /v1 HTTP/1.1'));
    await once(kept, 'data');
    const silent: Socket[] = [];
    const beSilent = async (connections: number): Promise<void> => {
      for (let count = 0; count < connections; count++)
        silent.push(await open('GET /v1 HTTP/1.1\r\nX-Slow: '));
    };
    await beSilent(2 * WAITING_MAX);
    // Who came just now may still show a token.
    expect(silent.some(({ closed }) => closed)).toBe(false);
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    await beSilent(WAITING_MAX);
    await isServing();
    await expect.poll(() => silent.filter(({ closed }) => closed).length).toBeGreaterThanOrEqual(WAITING_MAX);
    expect(silent.slice(0, WAITING_MAX).every(({ closed }) => closed)).toBe(true);
    kept.write(head('GET /v1 HTTP/1.1'));
    expect(String((await once(kept, 'data'))[0])).toMatch(/^HTTP\/1\.1 200 /);
    expect((await socket.query('project.list', undefined, {})).ok).toBe(true);
    for (const one of [...silent, kept]) one.destroy();
    socket.close();
  });

  it('and hold more connections than one address may are refused more', async () => {
    const held: Socket[] = [];
    let refused: Socket | undefined;
    while (!refused && held.length <= 60) {
      const one = await open(head('GET /v1 HTTP/1.1'));
      await Promise.race([once(one, 'data'), once(one, 'close')]);
      if (one.closed) refused = one;
      else held.push(one);
    }
    expect(refused).toBeDefined();
    for (const one of held) one.destroy();
    const isBack = (): Promise<boolean> =>
      isServing().then(
        () => true,
        () => false,
      );
    await expect.poll(isBack).toBe(true);
  });

  it('and stop in the middle of their headers are closed after ten seconds', async () => {
    const started = performance.now();
    const received = await rawBytes(hub.url, 'GET /v1 HTTP/1.1\r\nX-Slow: ', 20_000);
    expect(received).toBe('');
    expect(performance.now() - started).toBeLessThan(13_000);
  });

  it('and send their body a byte a second are closed before it could matter', async () => {
    const started = performance.now();
    const socket = await open(post('Content-Length: 500000'));
    const dripping = setInterval(() => socket.write(' '), 500);
    await once(socket, 'close');
    clearInterval(dripping);
    expect(performance.now() - started).toBeLessThan(25_000);
  });

  it('over a WebSocket without a token are closed after five seconds, and after one giant packet', async () => {
    const started = performance.now();
    expect(statusesIn(await rawBytes(hub.url, handshakeOf(), 15_000))).toEqual([101]);
    expect(performance.now() - started).toBeLessThan(8_000);
    const socket = await openSocket(hub);
    const gone = eventOf(socket.socket, 'disconnect');
    socket.socket.emit('command', { name: 'project.create', input: { name: 'a'.repeat(2_000_000) } });
    expect(await gone).toMatch(/transport/);
    await isServing();
  });
});

describe('callers that send a packet that is too large', () => {
  const HEADER_OF_GIANT = Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0, 0]);

  it('are hung up on at its head, though they go on', async () => {
    const hub = await TestHub.start();
    // It does not hang up because the hub does.
    const { port } = new URL(hub.url);
    const socket = connect({ port: Number(port), host: '127.0.0.1', allowHalfOpen: true });
    socket.on('error', () => undefined);
    socket.write(handshakeOf());
    await once(socket, 'data');
    const started = performance.now();
    socket.write(HEADER_OF_GIANT);
    const going = setInterval(() => socket.write('a'.repeat(1_000)), 20);
    await new Promise((resolve) => socket.resume().once('close', resolve));
    clearInterval(going);
    // Who shows no token is cut after six seconds, whatever it sends.
    expect(performance.now() - started).toBeLessThan(5_000);
    await hub.stop();
  });
});

describe('callers that hang up on a refused WebSocket', () => {
  const hangUp = async (hub: TestHub, host: string): Promise<void> => {
    for (let count = 0; count < 200; count++) {
      const socket = connect(Number(new URL(hub.url).port), '127.0.0.1');
      socket.on('error', () => undefined);
      await once(socket, 'connect');
      socket.write(handshakeOf(host));
      // The refusal meets a connection that is gone, or is on its way when it goes.
      setTimeout(() => socket.resetAndDestroy(), count % 4);
    }
  };

  // An error that nobody listens for ends the process; vitest tells of it.
  it.each([
    ['because of its address', { ...NO_RATE_LIMITS, addressPerSecond: 1 }, '127.0.0.1'],
    ['because of its Host', NO_RATE_LIMITS, 'evil.example'],
  ])('%s end nothing', async (_why, limits, host) => {
    const hub = await TestHub.start({ limits });
    await hangUp(hub, host);
    expect((await httpRequest(`${hub.url}/healthz`)).status).toBe(200);
    await hub.stop();
  });
});
