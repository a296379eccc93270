import { problemOf } from '@agentmix/act-contract';
import type { Refusal } from '@agentmix/act-contract';
import type { FastifyReply } from 'fastify';

/** A refusal as RFC 9457 problem document, with Retry-After where repeating helps. */
export const sendProblem = (reply: FastifyReply, refusal: Refusal): FastifyReply => {
  const problem = problemOf(refusal);
  if (problem.status === 503 || problem.status === 429)
    reply.header('retry-after', String(refusal.data?.['retryAfter'] ?? 1));
  return reply
    .code(problem.status)
    .header('content-type', 'application/problem+json')
    .send(JSON.stringify(problem));
};
