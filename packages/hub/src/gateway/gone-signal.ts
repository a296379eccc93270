import type { FastifyReply } from 'fastify';

/** Ends when the caller goes away before the answer. Costs a listener and a signal, so ask where somebody waits. */
export const goneSignal = (reply: FastifyReply): AbortSignal => {
  const gone = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort();
  });
  return gone.signal;
};
