import { problemOf, refusals } from '@agentmix/act-contract';
import type { Refusal } from '@agentmix/act-contract';
import type { FastifyReply } from 'fastify';

declare module 'fastify' {
  interface FastifyReply {
    /** Why the call was refused, for whoever looks at answers that were sent. */
    refusal?: Refusal;
  }
}

/** A refusal as RFC 9457 problem document, with Retry-After where repeating helps. */
export const sendProblem = (reply: FastifyReply, refusal: Refusal): FastifyReply => {
  reply.refusal = refusal;
  const problem = problemOf(refusal);
  const retryAfter = refusal.data?.['retryAfter'];
  if (refusals[refusal.code].retry)
    reply.header('retry-after', typeof retryAfter === 'number' ? retryAfter : 1);
  return reply
    .code(problem.status)
    .header('content-type', 'application/problem+json')
    .send(JSON.stringify(problem));
};
