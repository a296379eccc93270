import { refusal } from '@agentmix/act-contract';
import type { Refusal } from '@agentmix/act-contract';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FormattedExecutionResult, GraphQLError } from 'graphql';
import { bearerOf } from '../../bearer.ts';
import { goneSignal } from '../../gone-signal.ts';
import { sendProblem } from '../../problem.ts';
import { makeAsker } from '../asker.ts';
import type { Asker } from '../asker.ts';
import { isMutation, isSubscription } from '../engine.ts';
import type { Engine, Operation } from '../engine.ts';
import { format, makeOnDefect } from '../format.ts';
import { makeTold } from '../graphql-door.ts';
import type { GraphqlParts } from '../graphql-door.ts';
import { makeFollow } from '../live/follow.ts';
import type { ReadFrame } from '../live/follow.ts';
import { GRAPHQL_JSON, JSON_TYPE, mediaTypeOf, takesStream } from './media-type.ts';
import type { MediaType } from './media-type.ts';
import { readParameters } from './parameters.ts';
import { sendEvents } from './send-events.ts';

export type OverHttp = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;

const NOT_ACCEPTABLE = refusal(
  'unsupported_media_type',
  'answers are application/json or application/graphql-response+json',
);

/** A request whose operation cannot run is no success to those who know the newer media type. */
const send = (reply: FastifyReply, type: MediaType, result: FormattedExecutionResult): FastifyReply =>
  reply
    .code(type === GRAPHQL_JSON && !('data' in result) ? 400 : 200)
    .header('content-type', `${type}; charset=utf-8`)
    .send(JSON.stringify(result));

/** The key of the request’s head, which is that of its one command. */
const commandIdOf = (
  { headers }: FastifyRequest,
  { node }: Operation,
): { readonly key?: string } | { readonly refusal: Refusal } => {
  const key = headers['idempotency-key'];
  if (typeof key !== 'string') return {};
  const { selections } = node.selectionSet;
  if (selections.length === 1 && selections[0]?.kind === 'Field') return { key };
  const message = 'names one command; give each its own as an argument';
  return { refusal: refusal('invalid_input', `Idempotency-Key: ${message}`) };
};

const NO_STREAM = refusal('unsupported_media_type', 'a subscription is answered as text/event-stream');

/** Answers GraphQL over HTTP: one operation a request. */
export const makeOverHttp = (engine: Engine, parts: GraphqlParts, read: ReadFrame): OverHttp => {
  const { calls } = parts;
  const onDefect = makeOnDefect(parts.logger);
  const askerOf = (request: FastifyRequest, reply: FastifyReply, commandId?: string): Asker => {
    const bearer = bearerOf(request);
    const told = makeTold(parts, request.raw, bearer);
    const follow = makeFollow(calls, bearer, read, () => reply.raw.destroy());
    const origin = { door: 'graphql', carrier: request.headers };
    return makeAsker({ calls, bearer, gone: () => goneSignal(reply), origin, told, follow, commandId });
  };
  /** What made no call counts as one, so that nothing is for nothing. */
  const fail = (
    request: FastifyRequest,
    reply: FastifyReply,
    type: MediaType,
    errors: readonly GraphQLError[],
  ): FastifyReply => {
    calls.charge(bearerOf(request));
    return send(reply, type, format({ errors }, onDefect));
  };
  const run = async (
    operation: Operation,
    request: FastifyRequest,
    reply: FastifyReply,
    type: MediaType,
  ): Promise<FastifyReply> => {
    const commandId = isMutation(operation) ? commandIdOf(request, operation) : {};
    if ('refusal' in commandId) return sendProblem(reply, commandId.refusal);
    const asker = askerOf(request, reply, commandId.key);
    const result = await engine.run(operation, asker);
    if (asker.made() === 0) calls.charge(bearerOf(request));
    const seq = asker.seq();
    if (seq !== undefined) reply.header('act-seq', String(seq));
    return send(reply, type, format(result, onDefect));
  };
  const follow = async (
    operation: Operation,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<FastifyReply> => {
    const results = await engine.follow(operation, askerOf(request, reply));
    if (!('next' in results)) return fail(request, reply, GRAPHQL_JSON, results.errors ?? []);
    reply.hijack();
    await sendEvents(reply.raw, results, (result) => format(result, onDefect));
    return reply;
  };
  return async (request, reply) => {
    const { accept } = request.headers;
    const isStream = takesStream(accept);
    const type = mediaTypeOf(accept) ?? (isStream ? JSON_TYPE : undefined);
    if (!type) return sendProblem(reply, NOT_ACCEPTABLE);
    const sent = readParameters(request.body, engine.documents);
    if (!sent.ok)
      return 'refusal' in sent ? sendProblem(reply, sent.refusal) : fail(request, reply, type, sent.errors);
    await engine.takeTurn();
    const operation = engine.prepare(bearerOf(request), sent.value);
    if (!('node' in operation)) return fail(request, reply, type, operation);
    if (!isSubscription(operation)) return run(operation, request, reply, type);
    return isStream ? follow(operation, request, reply) : sendProblem(reply, NO_STREAM);
  };
};
