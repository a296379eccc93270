import { createMcpHandler } from '@modelcontextprotocol/server';
import type { McpServer } from '@modelcontextprotocol/server';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { HubLogger } from '../../observe/logger.ts';
import type { Metrics } from '../../observe/metrics.ts';
import { VERSION } from '../../version.ts';
import { bearerOf } from '../bearer.ts';
import type { Calls } from '../calls.ts';
import { sendProblem } from '../problem.ts';
import { readCaller } from './speaker.ts';
import type { Caller } from './speaker.ts';
import { makeToolServer } from './tool-server.ts';

export const MCP_PATH = '/mcp';

/** The request as the library reads it: its head alone, for the body has been parsed within the door’s limits. */
const webRequest = (request: FastifyRequest, signal: AbortSignal): Request => {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers))
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  return new Request(`http://${request.headers.host ?? 'hub'}${request.url}`, {
    method: request.method,
    headers,
    signal,
  });
};

/** Ends when the caller goes away. */
const goneSignal = (reply: FastifyReply): AbortSignal => {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  return gone.signal;
};

/**
 * One after another, each in a turn of the event loop of its own: a message costs some milliseconds, a server is made
 * for it, and many that come at once would keep every other door waiting.
 */
const makeTurns = (): (() => Promise<void>) => {
  let last = Promise.resolve();
  return () => (last = last.then(() => new Promise((resolve) => setImmediate(resolve))));
};

/**
 * Streamable HTTP of MCP without sessions, revisions 2025-11-25 and 2026-07-28: every request stands for itself, no
 * session id is given out and none is asked for, so that a hub that started anew is no other hub to its clients.
 */
export const serveMcp = (
  app: FastifyInstance,
  path: string,
  calls: Calls,
  makeServer: (caller: Caller) => McpServer,
  onError: (error: unknown) => void,
): void => {
  const turn = makeTurns();
  app.route({
    method: ['GET', 'POST', 'DELETE'],
    url: path,
    handler: async (request, reply) => {
      await turn();
      const signal = goneSignal(reply);
      const caller = readCaller(calls, bearerOf(request), request.headers, signal);
      if (!caller.ok) return sendProblem(reply, caller.refusal);
      const handler = createMcpHandler(() => makeServer(caller.value), { onerror: onError });
      signal.addEventListener('abort', () => void handler.close());
      const response = await handler.fetch(webRequest(request, signal), { parsedBody: request.body });
      return reply.send(response);
    },
  });
};

/** The door of agents’ tools. */
export const addMcp = (app: FastifyInstance, calls: Calls, metrics: Metrics, logger: HubLogger): void => {
  const told = (error: unknown): void =>
    logger.error({ error: error instanceof Error ? error.stack : String(error) }, 'a tool failed');
  const makeServer = (caller: Caller): McpServer =>
    makeToolServer(
      caller,
      VERSION,
      (name, code, seconds) => metrics.onRequest('mcp', name, code, seconds),
      told,
    );
  serveMcp(app, MCP_PATH, calls, makeServer, (error) =>
    logger.warn(
      { error: error instanceof Error ? error.message : String(error) },
      'a message of MCP was refused',
    ),
  );
};
