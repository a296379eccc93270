import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asked } from '../../../test/door.ts';
import type { Door } from '../../../test/door.ts';
import { httpRequest, rawBytes } from '../../../test/http-request.ts';
import { openRest } from '../../../test/rest-door.ts';
import { TestHub } from '../../../test/start-test-hub.ts';

describe('bytes that are no proper HTTP', () => {
  let hub: TestHub;
  let door: Door;
  beforeAll(async () => {
    hub = await TestHub.start();
    door = openRest(hub);
  });
  afterAll(() => hub.stop());

  const head = (line: string, ...headers: string[]): string =>
    [line, 'Host: 127.0.0.1', `Authorization: Bearer ${hub.token}`, ...headers, '', ''].join('\r\n');
  const statusOf = (received: string): number => Number(/^HTTP\/1\.1 (\d+)/.exec(received)?.[1] ?? 0);
  const isServing = async (): Promise<void> => {
    const started = performance.now();
    expect(await asked(door, 'project.list', undefined)).toHaveProperty('items');
    expect(performance.now() - started).toBeLessThan(2_000);
  };

  it.each([
    ['noise', 'GARBAGE\r\n\r\n'],
    ['binary noise', Buffer.from([0, 255, 22, 3, 1, 0, 200, 13, 10, 13, 10])],
    ['a TLS greeting', Buffer.from('16030100c8010000c40303', 'hex')],
    ['an unknown version', 'GET / HTTP/9.9\r\nHost: 127.0.0.1\r\n\r\n'],
    ['an unknown method', 'BREW /v1 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'],
    ['a header without colon', 'GET / HTTP/1.1\r\nHost 127.0.0.1\r\n\r\n'],
    ['two hosts', 'GET /v1 HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\n\r\n'],
    ['no host', 'GET /v1 HTTP/1.1\r\n\r\n'],
    ['headers of 64 KB', `GET /v1 HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: ${'a'.repeat(65_536)}\r\n\r\n`],
    ['1,000 headers', `GET /v1 HTTP/1.1\r\nHost: 127.0.0.1\r\n${'X-A: 1\r\n'.repeat(1_000)}\r\n`],
    ['an HTTP/2 preface', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ])('refuses %s, tells nothing, and goes on serving', async (_what, bytes) => {
    const received = await rawBytes(hub.url, bytes);
    const status = statusOf(received);
    expect(status === 0 || (status >= 400 && status < 500)).toBe(true);
    expect(received).not.toMatch(/node:internal|node_modules|act_admin_/);
    await isServing();
  });

  it('refuses bodies that are announced twice or in two ways', async () => {
    const path = 'POST /v1/projects HTTP/1.1';
    const json = 'Content-Type: application/json';
    for (const headers of [
      ['Content-Length: 2', 'Content-Length: 3'],
      ['Content-Length: 2', 'Transfer-Encoding: chunked'],
      ['Content-Length: -1'],
      ['Content-Length: abc'],
      ['Transfer-Encoding: gzip, chunked, identity'],
    ]) {
      const received = await rawBytes(hub.url, `${head(path, json, 'Connection: close', ...headers)}{}`);
      expect([headers, statusOf(received)]).toEqual([headers, 400]);
    }
    await isServing();
  });

  it('refuses one authorization header that follows another', async () => {
    const received = await rawBytes(
      hub.url,
      'GET /v1/projects HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer wrong\r\n' +
        `Authorization: Bearer ${hub.token}\r\nConnection: close\r\n\r\n`,
    );
    expect(statusOf(received)).toBe(401);
  });

  it('does nothing with a body that is cut off', async () => {
    const before = await asked(door, 'project.list', undefined);
    const socket = connect(Number(new URL(hub.url).port), '127.0.0.1');
    await once(socket, 'connect');
    const body = '{"name":"cut off"}';
    socket.write(
      `${head('POST /v1/projects HTTP/1.1', 'Content-Type: application/json', 'Content-Length: 4000')}${body}`,
    );
    await new Promise((resolve) => setTimeout(resolve, 100));
    socket.destroy();
    await isServing();
    expect(await asked(door, 'project.list', undefined)).toEqual(before);
  });

  it('does nothing with a chunked body that is cut off', async () => {
    const before = await asked(door, 'project.list', undefined);
    const bytes = `${head(
      'POST /v1/projects HTTP/1.1',
      'Content-Type: application/json',
      'Transfer-Encoding: chunked',
    )}12\r\n{"name":"cut off"}\r\n`;
    await rawBytes(hub.url, bytes, 300);
    expect(await asked(door, 'project.list', undefined)).toEqual(before);
  });

  it('serves others while 200 connections send their headers byte by byte', async () => {
    const sockets: Socket[] = [];
    for (let count = 0; count < 200; count++) {
      const socket = connect(Number(new URL(hub.url).port), '127.0.0.1');
      socket.on('error', () => undefined);
      socket.write('GET /v1 HTTP/1.1\r\nX-Slow: ');
      sockets.push(socket);
    }
    const dripping = setInterval(() => sockets.forEach((socket) => socket.write('a')), 50);
    for (let count = 0; count < 5; count++) await isServing();
    clearInterval(dripping);
    for (const socket of sockets) socket.destroy();
  });

  it('takes a URL in absolute form by its path, and still asks for the token', async () => {
    const rest = 'Host: 127.0.0.1\r\nConnection: close\r\n\r\n';
    const line = `GET http://127.0.0.1/docs/../v1/projects HTTP/1.1`;
    const received = await rawBytes(hub.url, `${line}\r\n${rest}`);
    expect(statusOf(received)).toBeGreaterThanOrEqual(400);
    const plain = `GET http://127.0.0.1/v1/projects HTTP/1.1\r\n${rest}`;
    expect(statusOf(await rawBytes(hub.url, plain))).toBe(401);
  });

  it('refuses an upgrade to anything else than Socket.IO', async () => {
    for (const path of ['/v1/projects', '/chat', '/']) {
      const bytes = head(
        `GET ${path} HTTP/1.1`,
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      );
      expect(statusOf(await rawBytes(hub.url, bytes, 1_000))).not.toBe(101);
    }
    await isServing();
  });

  it('answers HEAD without a body', async () => {
    const answer = await httpRequest(`${hub.url}/healthz`, { method: 'HEAD' });
    expect([answer.status, answer.text]).toEqual([200, '']);
  });
});
