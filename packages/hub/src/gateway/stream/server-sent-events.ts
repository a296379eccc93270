import { problemOf, refusal, Seq, Uuid } from '@agentmix/act-contract';
import type { Refusal } from '@agentmix/act-contract';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { OutgoingFrame, Sink } from '../../app/fan-out.ts';
import type { Metrics } from '../../observe/metrics.ts';
import type { Calls } from '../calls.ts';
import { bearerOf } from '../bearer.ts';
import { sendProblem } from '../problem.ts';

const PING_MS = 10_000;
/** Frames that wait in the connection beyond this make it full. */
const BUFFERED_BYTES_MAX = 1_048_576;

const cursorOf = (
  request: FastifyRequest,
): { ok: true; after: number | undefined } | { ok: false; refusal: Refusal } => {
  const { after } = request.query as { after?: string };
  const text = after ?? request.headers['last-event-id'];
  if (text === undefined || text === '') return { ok: true, after: undefined };
  const parsed = Seq.safeParse(Number(text));
  if (parsed.success && /^\d+$/.test(String(text))) return { ok: true, after: parsed.data };
  return {
    ok: false,
    refusal: refusal('invalid_input', 'after: must be a sequence number', {
      fields: [{ field: 'after', message: 'must be a sequence number' }],
    }),
  };
};

const sinkOf = (response: ServerResponse): Sink => ({
  // A frame above the stream’s high-water mark of 16 kB makes write() answer false though the system took it at once.
  send: (frame: OutgoingFrame) => {
    response.write(frame.sse);
    return response.writableLength < BUFFERED_BYTES_MAX;
  },
  whenDrained: async () => {
    if (response.writableLength < BUFFERED_BYTES_MAX || response.destroyed) return;
    const done = new AbortController();
    const event = (name: string): Promise<unknown> =>
      once(response, name, { signal: done.signal }).catch(() => undefined);
    await Promise.race([event('drain'), event('close')]);
    done.abort();
  },
  close: (reason, cursor) => {
    response.end(`event: refusal\ndata: ${JSON.stringify({ ...problemOf(reason), cursor })}\n\n`);
    // Someone who does not read is not waited for.
    setTimeout(() => response.destroy(), 1_000).unref();
  },
});

/** GET /v1/projects/{projectId}/events: one message per frame, its id the cursor to resume from. */
export const addEventStream = (app: FastifyInstance, calls: Calls, metrics: Metrics): void => {
  app.get('/v1/projects/:projectId/events', async (request: FastifyRequest, reply: FastifyReply) => {
    const { projectId } = request.params as { projectId: string };
    if (!Uuid.safeParse(projectId).success)
      return sendProblem(reply, refusal('invalid_input', 'projectId: must be a UUID'));
    const cursor = cursorOf(request);
    if (!cursor.ok) return sendProblem(reply, cursor.refusal);
    const response = reply.raw;
    const id = projectId.toLowerCase();
    const started = performance.now();
    const subscribed = await calls.subscribe(bearerOf(request), id, cursor.after, sinkOf(response));
    const code = 'refusal' in subscribed ? subscribed.refusal.code : 'ok';
    metrics.onRequest('rest', 'event.stream', code, (performance.now() - started) / 1_000);
    if ('refusal' in subscribed) return sendProblem(reply, subscribed.refusal);
    reply.hijack();
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    response.write(
      `event: open\ndata: ${JSON.stringify({ cursor: subscribed.cursor, seq: subscribed.seq })}\n\n`,
    );
    const ping = setInterval(() => {
      if (response.writableLength < BUFFERED_BYTES_MAX) response.write(': ping\n\n');
    }, PING_MS);
    response.once('close', () => {
      clearInterval(ping);
      subscribed.subscription.cancel();
    });
    if (response.destroyed) subscribed.subscription.cancel();
    return reply;
  });
};
