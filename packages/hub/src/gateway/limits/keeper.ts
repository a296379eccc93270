import type { Refusal } from '@agentmix/act-contract';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { IncomingMessage } from 'node:http';
import type { Authenticated } from '../../access/access.ts';
import type { Overload } from '../../app/overload.ts';
import type { Limits } from '../../config/limits.ts';
import { bearerToken } from '../bearer.ts';
import { callerAddress } from './address.ts';
import { Connections } from './connections.ts';
import type { Gate } from './gate.ts';
import { Pace } from './pace.ts';
import { checkShape, hasMuchBody } from './shape.ts';

/** Whatever anybody may ask for is large, up to 1.4 MB, or costs a signature: it counts as so many calls. */
const OPEN_POINTS = 20;
/** Engine.IO says goodbye after five seconds without a token, and then waits half a minute for the other side’s. */
const PROOF_MS_MAX = 6_000;
/** Requests of one connection that have no answer yet: each may hold 64 kB that a slow reader does not take. */
const PIPELINED_MAX = 4;

/**
 * The rest of a refused body is not worth reading: Node would read all that has come, a megabyte of garbage for each
 * that comes with one, before it closes.
 */
const hangUp = (reply: FastifyReply): void => {
  reply.header('connection', 'close');
  reply.raw.once('finish', () => reply.request.raw.socket.destroy());
};

/** A valid token; a caller who is not too many; nothing, so that it is answered whatever happens. */
export type Needs = 'token' | 'patience' | 'nothing';

/** What a route asks of the head of a request. */
export interface Terms {
  readonly needs: Needs;
  readonly bodyBytesMax: number;
  /** Its body may take as long as it does. */
  readonly hasLongBody: boolean;
}

/** Keeps callers within their limits, the same for every door. What is known is answered at once, without a promise. */
export interface Keeper {
  /** Checks the head of a request by what its path asks for, and who shows a token. */
  readonly check: (
    request: FastifyRequest,
    reply: FastifyReply,
    terms: Terms,
  ) => Refusal | undefined | Promise<Refusal | undefined>;
  /** Checks a request to become a WebSocket, whose token comes later. */
  readonly checkUpgrade: (request: IncomingMessage) => Refusal | undefined;
  /** The token of a WebSocket. */
  readonly enter: (
    request: IncomingMessage,
    token: string | undefined,
  ) => Authenticated | Promise<Authenticated>;
  readonly connections: Connections;
  readonly close: () => void;
}

/** `overload` hears of every connection on which a valid token was shown. */
export const makeKeeper = (
  limits: Limits,
  isProxied: boolean,
  gate: Gate,
  overload: Pick<Overload, 'entered'>,
): Keeper => {
  const connections = new Connections(limits, isProxied);
  const pace = new Pace();
  const addressOf = (request: IncomingMessage): string => callerAddress(request, isProxied);
  const prove = ({ socket }: IncomingMessage, answer: Authenticated): Authenticated => {
    if (answer.ok && connections.prove(socket)) overload.entered();
    return answer;
  };
  const enter: Keeper['enter'] = (request, token) => {
    const answer = gate.enter(() => addressOf(request), token);
    return answer instanceof Promise ? answer.then((late) => prove(request, late)) : prove(request, answer);
  };
  const admit = (request: FastifyRequest, answer: Authenticated): Refusal | undefined => {
    if (!answer.ok) return answer.refusal;
    request.bearer = answer.bearer;
    return gate.peek(answer.bearer.credential.memberId);
  };
  const checkCaller = (request: FastifyRequest, needs: Needs): ReturnType<Keeper['check']> => {
    const { raw } = request;
    if (needs !== 'token') connections.touch(raw.socket);
    if (needs === 'nothing') return undefined;
    if (needs === 'patience') return gate.knock(addressOf(raw), OPEN_POINTS);
    const answer = enter(raw, bearerToken(raw.headers.authorization));
    return answer instanceof Promise ? answer.then((late) => admit(request, late)) : admit(request, answer);
  };
  const conclude = (reply: FastifyReply, wrong: Refusal | undefined): Refusal | undefined => {
    const { raw } = reply.request;
    if (wrong && hasMuchBody(raw)) hangUp(reply);
    if (!wrong && raw.headers.expect !== undefined) reply.raw.writeContinue();
    return wrong;
  };
  return {
    connections,
    enter,
    close: () => pace.close(),
    check: (request, reply, { needs, bodyBytesMax, hasLongBody }) => {
      const { raw } = request;
      if (pace.watch(raw, reply.raw, hasLongBody) > PIPELINED_MAX) raw.socket.destroy();
      const wrong = checkShape(raw, bodyBytesMax) ?? checkCaller(request, needs);
      return wrong instanceof Promise ? wrong.then((late) => conclude(reply, late)) : conclude(reply, wrong);
    },
    checkUpgrade: (request) => {
      const wrong = gate.knock(addressOf(request));
      if (!wrong) connections.expectProof(request.socket, PROOF_MS_MAX);
      return wrong;
    },
  };
};
