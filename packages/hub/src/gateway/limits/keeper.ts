import type { Refusal } from '@agentmix/act-contract';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { IncomingMessage } from 'node:http';
import type { Authenticated } from '../../access/access.ts';
import type { Limits } from '../../config/limits.ts';
import { bearerToken } from '../bearer.ts';
import { callerAddress } from './address.ts';
import { Connections } from './connections.ts';
import type { Gate } from './gate.ts';
import { Pace } from './pace.ts';
import { checkShape, hasMuchBody, makePipelineCheck } from './shape.ts';

/** Whatever anybody may ask for is large, up to 1.4 MB, or costs a signature: it counts as so many calls. */
const OPEN_POINTS = 20;
/** Engine.IO says goodbye after five seconds without a token, and then waits half a minute for the other side’s. */
const PROOF_MS_MAX = 6_000;

/** A valid token; a caller who is not too many; nothing, so that it is answered whatever happens. */
export type Needs = 'token' | 'patience' | 'nothing';

/** Keeps callers within their limits, the same for every door. */
export interface Keeper {
  /** Checks the head of a request by what its path asks for, and who shows a token. */
  readonly check: (
    request: FastifyRequest,
    reply: FastifyReply,
    needs: Needs,
  ) => Promise<Refusal | undefined>;
  /** Checks a request to become a WebSocket, whose token comes later. */
  readonly checkUpgrade: (request: IncomingMessage) => Promise<Refusal | undefined>;
  /** The token of a WebSocket. */
  readonly enter: (request: IncomingMessage, token: string | undefined) => Promise<Authenticated>;
  readonly connections: Connections;
  readonly close: () => void;
}

export const makeKeeper = (limits: Limits, isProxied: boolean, gate: Gate): Keeper => {
  const connections = new Connections(limits, isProxied);
  const pace = new Pace();
  const isPatient = makePipelineCheck();
  const addressOf = (request: IncomingMessage): string => callerAddress(request, isProxied);
  const enter: Keeper['enter'] = async (request, token) => {
    const answer = await gate.enter(addressOf(request), token);
    if (answer.ok) connections.prove(request.socket);
    return answer;
  };
  const checkCaller = async (request: FastifyRequest, needs: Needs): Promise<Refusal | undefined> => {
    const { raw } = request;
    if (needs !== 'token') connections.touch(raw.socket);
    if (needs === 'nothing') return undefined;
    if (needs === 'patience') return gate.knock(addressOf(raw), OPEN_POINTS);
    const answer = await enter(raw, bearerToken(raw.headers.authorization));
    if (!answer.ok) return answer.refusal;
    request.bearer = answer.bearer;
    return gate.peek(answer.bearer.credential.memberId);
  };
  return {
    connections,
    enter,
    close: () => pace.close(),
    check: async (request, reply, needs) => {
      const { raw } = request;
      if (!isPatient(raw, (end) => reply.raw.once('close', end))) raw.socket.destroy();
      pace.watch(raw, reply.raw);
      const wrong =
        checkShape(raw, request.routeOptions.bodyLimit ?? 0) ?? (await checkCaller(request, needs));
      // The rest of a refused body is not worth reading.
      if (wrong && hasMuchBody(raw)) reply.header('connection', 'close');
      if (!wrong && raw.headers.expect !== undefined) reply.raw.writeContinue();
      return wrong;
    },
    checkUpgrade: async (request) => {
      const wrong = await gate.knock(addressOf(request));
      if (!wrong) connections.expectProof(request.socket, PROOF_MS_MAX);
      return wrong;
    },
  };
};
