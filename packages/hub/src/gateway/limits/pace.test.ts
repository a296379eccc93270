import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Pace } from './pace.ts';

const DEADLINE_MS = 150;
/** The third look, which finds a body too slow, is past the deadline. */
const LOOK_MS = 100;

let server: Server;
let answered: string[];
let counts: number[];
let pace: Pace;
beforeEach(async () => {
  answered = [];
  counts = [];
  pace = new Pace({ lookMs: LOOK_MS, bodyMs: DEADLINE_MS });
  server = createServer({ requestTimeout: 0 }, (request, response) => {
    counts.push(pace.watch(request, response, request.url === '/long'));
    // Answered only when the body is there, and a while later than its deadline.
    text(request).then(
      (body) =>
        setTimeout(() => {
          answered.push(body);
          response.end('taken');
        }, 2 * DEADLINE_MS),
      () => undefined,
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => {
  pace.close();
  server.closeAllConnections();
  server.close();
});

/** Sends a text, and more of it every 40 ms, and waits until the server closes the connection, or answers. */
const send = (request: string, more: readonly string[] = []): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    let received = '';
    socket.on('data', (data) => {
      received += data.toString();
      if (received.includes('taken')) socket.destroy();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(received));
    socket.write(request);
    more.forEach((part, index) => setTimeout(() => socket.write(part), 40 * (index + 1)).unref());
  });
const head = 'POST / HTTP/1.1\r\nHost: x\r\n';

it.each([
  ['of a length', `${head}Content-Length: 10\r\n\r\nhalf`],
  ['in chunks', `${head}Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n`],
])('cuts a request whose body %s does not come whole in time', async (_what, request) => {
  const started = performance.now();
  expect(await send(request)).toMatch(/^HTTP\/1\.1 408 /);
  expect(performance.now() - started).toBeGreaterThanOrEqual(DEADLINE_MS - 5);
  expect(answered).toEqual([]);
});

it('leaves requests alone whose body is there, or that have none, however long their answer takes', async () => {
  expect(await send(`${head}Content-Length: 4\r\n\r\nfull`)).toContain('taken');
  expect(await send('GET / HTTP/1.1\r\nHost: x\r\n\r\n')).toContain('taken');
  expect(answered).toEqual(['full', '']);
});

it('lets a body take longer where it may, as long as it comes', async () => {
  const parts = Array.from({ length: 8 }, () => 'a'.repeat(100));
  const request = `POST /long HTTP/1.1\r\nHost: x\r\nContent-Length: 800\r\n\r\n`;
  expect(await send(request, parts)).toContain('taken');
});

it('closes a connection on which nearly nothing of such a body comes', async () => {
  const request = `POST /long HTTP/1.1\r\nHost: x\r\nContent-Length: 800\r\n\r\n`;
  expect(await send(request, ['a', 'b', 'c'])).toBe('');
  expect(answered).toEqual([]);
});

it('counts the requests of a connection that have no answer yet', async () => {
  const request = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';
  await Promise.all([send(request.repeat(3)), send(request)]);
  expect(counts.toSorted((a, b) => a - b)).toEqual([1, 1, 2, 3]);
});
