import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { ExecutionResult, FormattedExecutionResult } from 'graphql';
import { BUFFERED_BYTES_MAX } from '../live/frame-queue.ts';

const PING_MS = 10_000;

/** Waits until the connection takes more, or is gone. */
const drained = async (response: ServerResponse): Promise<void> => {
  if (response.writableLength < BUFFERED_BYTES_MAX || response.destroyed) return;
  const done = new AbortController();
  const event = (name: string): Promise<unknown> =>
    once(response, name, { signal: done.signal }).catch(() => undefined);
  await Promise.race([event('drain'), event('close')]);
  done.abort();
};

/** Results as server-sent events, by the distinct connections mode of the GraphQL-over-SSE protocol. */
export const sendEvents = async (
  response: ServerResponse,
  results: AsyncGenerator<ExecutionResult, void, void>,
  format: (result: ExecutionResult) => FormattedExecutionResult,
): Promise<void> => {
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  response.write(': open\n\n');
  const ping = setInterval(() => {
    if (response.writableLength < BUFFERED_BYTES_MAX) response.write(': ping\n\n');
  }, PING_MS);
  response.once('close', () => {
    clearInterval(ping);
    void results.return();
  });
  if (response.destroyed) await results.return();
  for await (const result of results) {
    response.write(`event: next\ndata: ${JSON.stringify(format(result))}\n\n`);
    await drained(response);
  }
  response.end('event: complete\ndata:\n\n');
};
