import { BODY_BYTES_MAX, commands, queries } from '@agentmix/act-contract';
import type { CommandName, QueryName, Route } from '@agentmix/act-contract';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Origin } from '../../app/tracing.ts';
import type { Metrics } from '../../observe/metrics.ts';
import type { Called, Calls } from '../calls.ts';
import { bearerOf } from '../bearer.ts';
import { goneSignal } from '../gone-signal.ts';
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
const makeInputOf = ({ path }: Route, hasBody: boolean): ((request: FastifyRequest) => unknown) => {
  const fields = [...path.matchAll(/\{(\w+)\}/g)].flatMap(([, name = '']) =>
    name === 'projectId' ? [] : [name],
  );
  return ({ params, body, query }) => {
    const sent = hasBody ? body : query;
    // A body that is no object is given to the schema as it is, to be refused by name.
    if (hasBody && sent !== undefined && sent !== null && (typeof sent !== 'object' || Array.isArray(sent)))
      return sent;
    const input = { ...record(sent) };
    for (const field of fields) input[field] = record(params)[field];
    return input;
  };
};

const originOf = ({ headers }: FastifyRequest): Origin => ({ door: 'rest', carrier: headers });

/** Every command and query of the contract as a route. */
export const addRoutes = (app: FastifyInstance, calls: Calls, metrics: Metrics): void => {
  /** Answers by itself: the framework would wait for a promise that is made of promises. */
  const measured =
    (name: string, handle: (request: FastifyRequest, reply: FastifyReply) => Promise<Called>) =>
    (request: FastifyRequest, reply: FastifyReply): void => {
      const started = performance.now();
      const answer = (called: Called): void => {
        const code = called.ok ? 'ok' : called.refusal.code;
        metrics.onRequest('rest', name, code, (performance.now() - started) / 1_000);
        send(reply, called);
      };
      handle(request, reply)
        .then(answer)
        .catch((error: Error) => reply.send(error));
    };
  for (const command of Object.values(commands)) {
    if (!('route' in command)) continue;
    const name: CommandName = command.name;
    const inputOf = makeInputOf(command.route, command.route.method !== 'DELETE');
    app.route({
      method: command.route.method,
      url: urlOf(command.route),
      bodyLimit: 'bytesMax' in command.route ? command.route.bytesMax : BODY_BYTES_MAX,
      handler: measured(name, (request, reply) => {
        const key = request.headers['idempotency-key'];
        return calls.command(bearerOf(request), name, {
          projectId: record(request.params)['projectId'],
          input: inputOf(request),
          commandId: typeof key === 'string' ? key : undefined,
          gone: () => goneSignal(reply),
          origin: originOf(request),
        });
      }),
    });
  }
  for (const query of Object.values(queries)) {
    const name: QueryName = query.name;
    const inputOf = makeInputOf(query.route, false);
    app.get(urlOf(query.route), {
      handler: measured(name, (request) =>
        calls.query(
          bearerOf(request),
          name,
          record(request.params)['projectId'],
          inputOf(request),
          originOf(request),
        ),
      ),
    });
  }
};
