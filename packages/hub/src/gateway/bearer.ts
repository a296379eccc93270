import type { FastifyRequest } from 'fastify';
import type { Bearer } from '../access/access.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set before any handler runs, except on the few open paths. */
    bearer?: Bearer;
  }
}

/** Who asks; every path but the open ones has been authenticated before its handler. */
export const bearerOf = ({ bearer }: FastifyRequest): Bearer => {
  if (!bearer) throw new Error('an unauthenticated request reached a handler');
  return bearer;
};

/** The key or token of an Authorization header. */
export const bearerToken = (header: string | undefined): string | undefined =>
  /^Bearer +(\S+)$/i.exec(header ?? '')?.[1];
