import { refusal } from '@agentmix/act-contract';
import type { Refusal } from '@agentmix/act-contract';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { GraphQLError } from 'graphql';
import { bearerOf } from '../../bearer.ts';
import { sendProblem } from '../../problem.ts';
import { makeAsker } from '../asker.ts';
import type { Asker } from '../asker.ts';
import { isMutation, isSubscription } from '../engine.ts';
import type { Engine, Operation } from '../engine.ts';
import { format } from '../format.ts';
import type { Formatted } from '../format.ts';
import { makeTold } from '../graphql-door.ts';
import type { GraphqlParts } from '../graphql-door.ts';
import { EVENT_STREAM, GRAPHQL_JSON, mediaTypeOf } from './media-type.ts';
import type { MediaType } from './media-type.ts';
import { readParameters } from './parameters.ts';

export type OverHttp = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;

const NOT_ACCEPTABLE = refusal(
  'unsupported_media_type',
  'answers are application/json or application/graphql-response+json',
);

/** Ends when the caller goes away before the answer. */
const goneSignal = (reply: FastifyReply): AbortSignal => {
  const gone = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort();
  });
  return gone.signal;
};

/** A request whose operation cannot run is no success to those who know the newer media type. */
const send = (reply: FastifyReply, type: MediaType, result: Formatted): FastifyReply =>
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

const askerOf = (
  parts: GraphqlParts,
  request: FastifyRequest,
  reply: FastifyReply,
  commandId: string | undefined,
): Asker => {
  const bearer = bearerOf(request);
  const told = makeTold(parts, request.raw, bearer);
  return makeAsker({ calls: parts.calls, bearer, signal: goneSignal(reply), told, commandId });
};

/** Answers GraphQL over HTTP: one operation a request. */
export const makeOverHttp = (engine: Engine, parts: GraphqlParts): OverHttp => {
  const onDefect = (error: unknown): void =>
    parts.logger.error(
      { error: error instanceof Error ? error.stack : String(error) },
      'a field of GraphQL failed',
    );
  const fail = (reply: FastifyReply, type: MediaType, errors: readonly GraphQLError[]): FastifyReply =>
    send(reply, type, format({ errors }, onDefect));
  const run = async (
    operation: Operation,
    request: FastifyRequest,
    reply: FastifyReply,
    type: MediaType,
  ): Promise<FastifyReply> => {
    const commandId = isMutation(operation) ? commandIdOf(request, operation) : {};
    if ('refusal' in commandId) return sendProblem(reply, commandId.refusal);
    const asker = askerOf(parts, request, reply, commandId.key);
    const result = await engine.run(operation, asker);
    const seq = asker.seq();
    if (seq !== undefined) reply.header('act-seq', String(seq));
    return send(reply, type, format(result, onDefect));
  };
  return async (request, reply) => {
    const type = mediaTypeOf(request.headers.accept);
    if (!type) return sendProblem(reply, NOT_ACCEPTABLE);
    const read = readParameters(request.body, engine.documents);
    if (!read.ok)
      return 'refusal' in read ? sendProblem(reply, read.refusal) : fail(reply, type, read.errors);
    const operation = engine.prepare(bearerOf(request), read.value);
    if (!('node' in operation)) return fail(reply, type, operation);
    if (isSubscription(operation) !== (type === EVENT_STREAM)) return sendProblem(reply, NOT_ACCEPTABLE);
    return run(operation, request, reply, type);
  };
};
