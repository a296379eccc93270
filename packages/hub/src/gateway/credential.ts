import type { Credential } from '@agentmix/act-core';
import type { FastifyRequest } from 'fastify';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set before any handler runs, except on the few open paths. */
    credential?: Credential;
  }
}

/** Who asks; every path but the open ones has been authenticated before its handler. */
export const credentialOf = ({ credential }: FastifyRequest): Credential => {
  if (!credential) throw new Error('an unauthenticated request reached a handler');
  return credential;
};
