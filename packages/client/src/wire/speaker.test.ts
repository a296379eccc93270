import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { problemOf, refusal } from '@agentmix/act-contract';
import type { RefusalCode } from '@agentmix/act-contract';
import { afterEach, expect, it } from 'vitest';
import { Speaker } from './speaker.ts';

const KEY = 'the key';
const running = new Set<() => Promise<void>>();
afterEach(async () => {
  for (const stop of running) await stop();
  running.clear();
});

const refuse = (response: ServerResponse, code: RefusalCode): void => {
  const problem = problemOf(refusal(code));
  response.writeHead(problem.status, { 'content-type': 'application/problem+json' });
  response.end(JSON.stringify(problem));
};

/** A server that takes keys at the exchange alone, and no token but the last; `shown` is what the others came with. */
const startServer = async ({ lifeMs = 600_000 } = {}) => {
  const state = { made: 0, last: '', shown: [] as string[], refused: undefined as RefusalCode | undefined };
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const shown = String(request.headers.authorization).slice('Bearer '.length);
    if (request.url === '/v1/tokens') {
      if (state.refused) return refuse(response, state.refused);
      state.last = `token ${++state.made}`;
      const now = Math.floor(Date.now() / 1_000) * 1_000;
      const body = { token: state.last, expiresAt: new Date(now + lifeMs).toISOString() };
      response.writeHead(200, { date: new Date(now).toUTCString() });
      response.end(JSON.stringify(body));
      return;
    }
    state.shown.push(shown);
    if (shown === KEY) refuse(response, 'token_needed');
    else if (shown === state.last) response.end('{}');
    else refuse(response, 'token_invalid');
  };
  const server = createServer((request, response) =>
    request.resume().on('end', () => answer(request, response)),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  running.add(async () => {
    server.close();
    server.closeAllConnections();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const speaker = new Speaker({ url, token: KEY, fetch: globalThis.fetch });
  const ask = async (init: RequestInit = {}): Promise<number> => {
    const response = await speaker.send('/v1', { ...init, signal: AbortSignal.timeout(5_000) });
    await response.text();
    return response.status;
  };
  return { state, speaker, ask };
};

it('exchanges the key once for all who were refused at the same time, and shows it no more', async () => {
  const { state, ask } = await startServer();
  expect(await Promise.all(Array.from({ length: 20 }, () => ask()))).toEqual(Array(20).fill(200));
  expect(state.made).toBe(1);
  expect(await ask()).toBe(200);
  expect(state.shown.at(-1)).toBe('token 1');
});

it('makes the next token before the last has ended', async () => {
  const { state, ask } = await startServer({ lifeMs: 100 });
  expect(await ask()).toBe(200);
  await new Promise((resolve) => setTimeout(resolve, 90));
  expect(await ask()).toBe(200);
  expect(state.shown).toEqual([KEY, 'token 1', 'token 2']);
});

it('makes another where the hub ended a token before its time, and no third', async () => {
  const { state, ask } = await startServer();
  expect(await ask()).toBe(200);
  state.last = 'none of these';
  expect(await ask()).toBe(200);
  expect(state.made).toBe(2);
});

it('answers what the exchange was answered, and asks again at the next call', async () => {
  const { state, ask } = await startServer();
  state.refused = 'key_revoked';
  expect(await Promise.all([ask(), ask()])).toEqual([401, 401]);
  state.refused = 'unavailable';
  expect(await ask()).toBe(503);
  state.refused = undefined;
  expect(await ask()).toBe(200);
});

it('sends a stream once, and has asked for a token before', async () => {
  const { state, speaker, ask } = await startServer();
  await speaker.beHeard(AbortSignal.timeout(5_000));
  const body = ReadableStream.from([Buffer.from('a part')]);
  expect(await ask({ method: 'POST', body, duplex: 'half' } as RequestInit)).toBe(200);
  expect(state.shown).toEqual([KEY, 'token 1', 'token 1']);
});
