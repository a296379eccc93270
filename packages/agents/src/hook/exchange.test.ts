import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { exchange, readAnswer } from './exchange.ts';
import type { Answered } from './exchange.ts';

const BODY = '{"name":"Zoë"}';
const whole: Answered = { status: 200, body: BODY };
const head = (...fields: string[]): string => ['HTTP/1.1 200 OK', ...fields, '', ''].join('\r\n');
const bytes = Buffer.byteLength(BODY);

describe('an answer', () => {
  it.each([
    ['with its length', head(`Content-Length: ${bytes}`) + BODY, ''],
    [
      'in chunks',
      `${head('transfer-encoding: chunked')}2\r\n{"\r\n${(bytes - 2).toString(16)}\r\n${BODY.slice(2)}\r\n0\r\n`,
      '\r\n',
    ],
  ])('%s is whole with its last byte and not before', (_how, text, trailer) => {
    const all = Buffer.from(text);
    for (let end = 0; end < all.length; end++)
      expect(readAnswer(all.subarray(0, end), false)).toBeUndefined();
    expect(readAnswer(Buffer.from(text + trailer), false)).toEqual(whole);
  });
  it('that tells no length ends with its connection', () => {
    const all = Buffer.from(head('content-type: application/json') + BODY);
    expect(readAnswer(all, false)).toBeUndefined();
    expect(readAnswer(all, true)).toEqual(whole);
  });
  it('that breaks off is none', () => {
    expect(readAnswer(Buffer.from(`${head('content-length: 90')}${BODY}`), true)).toBeUndefined();
    expect(
      readAnswer(Buffer.from(`${head('transfer-encoding: chunked')}ff\r\n${BODY}`), true),
    ).toBeUndefined();
  });
});

describe('an exchange with a server', () => {
  const ends: (() => void)[] = [];
  afterEach(() => ends.splice(0).forEach((end) => end()));
  const ask = async (listener: RequestListener, withinMs = 5_000): Promise<Answered> => {
    const server = createServer(listener);
    ends.push(
      () => server.close(),
      () => server.closeAllConnections(),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    return exchange({
      url: new URL(`http://127.0.0.1:${port}/v1/a%20b?c=1`),
      method: 'POST',
      headers: { 'content-length': String(bytes) },
      body: BODY,
      withinMs,
    });
  };
  const echo: RequestListener = (request, response) => {
    void request.toArray().then((parts) => {
      response.statusCode = 409;
      response.write(`${request.method} ${request.url} `);
      response.end(Buffer.concat(parts as Buffer[]));
    });
  };

  it('brings the request there and the answer back', async () =>
    expect(await ask(echo)).toEqual({ status: 409, body: `POST /v1/a%20b?c=1 ${BODY}` }));
  it('rejects when the connection breaks, and when time is over', async () => {
    const broken = ask((request, response) => void response.write('x', () => request.socket.destroy()));
    await expect(broken).rejects.toThrow('broke off');
    await expect(ask(() => undefined, 50)).rejects.toThrow('in time');
  });
});
