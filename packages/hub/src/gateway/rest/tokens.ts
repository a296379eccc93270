import type { IncomingMessage } from 'node:http';
import { hubCalls, JWKS_PATH, validate } from '@agentmix/act-contract';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { TokenDesk } from '../../access/token-desk.ts';
import type { Issued } from '../../access/token-desk.ts';
import { rotateKeys } from '../../access/tokens/rotate-keys.ts';
import type { KeyRing } from '../../access/tokens/key-ring.ts';
import { keySetOf } from '../../access/tokens/key-set.ts';
import type { Metrics } from '../../observe/metrics.ts';
import { bearerToken } from '../bearer.ts';
import { sendProblem } from '../problem.ts';

const TOKEN_BODY_BYTES_MAX = 8_192;

const { 'token.issue': issue, 'token.refresh': refresh, 'token.rotate': rotate } = hubCalls;

/** Paths whose handlers look at the credential themselves, or need none. */
export const TOKEN_PATHS: readonly string[] = [
  JWKS_PATH,
  ...[issue, refresh, rotate].map(({ route }) => `/v1${route.path}`),
];

/** Told of every token that was made: by which call, and whose it is. */
export type Admitted = (request: IncomingMessage, operation: string, memberId: string) => void;

/** The exchange of keys for tokens, their refreshing, the keys that sign them, and the public halves of those. */
export const addTokenRoutes = (
  app: FastifyInstance,
  desk: TokenDesk,
  ring: KeyRing,
  metrics: Metrics,
  onAdmitted: Admitted,
): void => {
  const send = async (
    reply: FastifyReply,
    name: string,
    run: () => Promise<Issued>,
  ): Promise<FastifyReply> => {
    const started = performance.now();
    const issued = await TokenDesk.guarded(run);
    const code = issued.ok ? 'ok' : issued.refusal.code;
    metrics.onRequest('rest', name, code, (performance.now() - started) / 1_000);
    if (!issued.ok) return sendProblem(reply, issued.refusal);
    onAdmitted(reply.request.raw, name, issued.memberId);
    return reply.header('cache-control', 'no-store').send(issued.output);
  };
  const options = { bodyLimit: TOKEN_BODY_BYTES_MAX };
  app.post(`/v1${issue.route.path}`, options, async (request: FastifyRequest, reply) => {
    const input = validate(issue.input, request.body ?? {});
    if (!input.ok) return sendProblem(reply, input.refusal);
    const text = bearerToken(request.headers.authorization);
    return send(reply, issue.name, () => desk.issue(text, input.value));
  });
  app.post(`/v1${refresh.route.path}`, options, async (request: FastifyRequest, reply) => {
    const input = validate(refresh.input, request.body ?? {});
    if (!input.ok) return sendProblem(reply, input.refusal);
    return send(reply, refresh.name, () => desk.refresh(input.value));
  });
  app.post(`/v1${rotate.route.path}`, options, async (request: FastifyRequest, reply) => {
    const started = performance.now();
    const admitted = await desk.admit(bearerToken(request.headers.authorization));
    const rotated = admitted.ok ? await rotateKeys(ring, admitted.bearer, request.body ?? {}) : admitted;
    const code = rotated.ok ? 'ok' : rotated.refusal.code;
    metrics.onRequest('rest', rotate.name, code, (performance.now() - started) / 1_000);
    if (!rotated.ok) return sendProblem(reply, rotated.refusal);
    if (admitted.ok) onAdmitted(request.raw, rotate.name, admitted.bearer.credential.memberId);
    return reply.send(rotated.value);
  });
  app.get(JWKS_PATH, (_request, reply) => {
    const { body, headers } = keySetOf(ring);
    return reply.headers(headers).send(body);
  });
};
