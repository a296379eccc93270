import { BODY_BYTES_MAX, commands, queries } from '@agentmix/act-contract';
import type { CommandName, QueryName, Route } from '@agentmix/act-contract';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Metrics } from '../../observe/metrics.ts';
import type { Called, Calls } from '../calls.ts';
import { bearerOf } from '../bearer.ts';
import { sendProblem } from '../problem.ts';

const urlOf = ({ path }: Route): string => `/v1${path.replace(/\{(\w+)\}/g, ':$1')}`;

const send = (reply: FastifyReply, called: Called): FastifyReply => {
  if (!called.ok) return sendProblem(reply, called.refusal);
  if (called.seq !== undefined) reply.header('act-seq', String(called.seq));
  return reply.header('content-type', 'application/json; charset=utf-8').send(JSON.stringify(called.output));
};

const record = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};

/** Path fields besides the project, and the body or, where there is none, the query string. */
const inputOf = (request: FastifyRequest, hasBody: boolean): unknown => {
  const { projectId: _projectId, ...fields } = record(request.params);
  const sent = hasBody ? request.body : request.query;
  // A body that is no object is given to the schema as it is, to be refused by name.
  if (hasBody && sent !== undefined && sent !== null && (typeof sent !== 'object' || Array.isArray(sent)))
    return sent;
  return { ...record(sent), ...fields };
};

/** Ends when the caller goes away before the answer. */
const goneSignal = (reply: FastifyReply): AbortSignal => {
  const gone = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort();
  });
  return gone.signal;
};

/** Every command and query of the contract as a route. */
export const addRoutes = (app: FastifyInstance, calls: Calls, metrics: Metrics): void => {
  const measured =
    (name: string, handle: (request: FastifyRequest, reply: FastifyReply) => Promise<Called>) =>
    async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
      const started = performance.now();
      const called = await handle(request, reply);
      metrics.onRequest(
        'rest',
        name,
        called.ok ? 'ok' : called.refusal.code,
        (performance.now() - started) / 1_000,
      );
      return send(reply, called);
    };
  for (const command of Object.values(commands)) {
    if (!('route' in command)) continue;
    const name: CommandName = command.name;
    const hasBody = command.route.method !== 'DELETE';
    app.route({
      method: command.route.method,
      url: urlOf(command.route),
      bodyLimit: 'bytesMax' in command.route ? command.route.bytesMax : BODY_BYTES_MAX,
      handler: measured(name, (request, reply) => {
        const key = request.headers['idempotency-key'];
        const signal = name === 'task.next' ? goneSignal(reply) : undefined;
        return calls.command(bearerOf(request), name, {
          projectId: record(request.params)['projectId'],
          input: inputOf(request, hasBody),
          commandId: typeof key === 'string' ? key : undefined,
          signal,
        });
      }),
    });
  }
  for (const query of Object.values(queries)) {
    const name: QueryName = query.name;
    app.get(urlOf(query.route), {
      handler: measured(name, (request) =>
        calls.query(bearerOf(request), name, record(request.params)['projectId'], inputOf(request, false)),
      ),
    });
  }
};
