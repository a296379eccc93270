import type { IncomingMessage, ServerResponse } from 'node:http';
import { problemOf } from '@agentmix/act-contract';
import type { Refusal } from '@agentmix/act-contract';
import type { Judge } from './origin.ts';

/** What pages of allowed origins may send and read besides what every page may. */
const CORS_METHODS = 'GET, POST, PUT, PATCH, DELETE';
const CORS_REQUEST_HEADERS = 'authorization, content-type, idempotency-key, last-event-id';
const CORS_ANSWER_HEADERS = 'act-seq, retry-after';
const PREFLIGHT_SECONDS = '600';
const WARNED_HOSTS_MAX = 16;

/** Stands before every door. */
export interface Guard {
  /** Answers who may not call, and who asks whether it may; true when the call goes on to its door. */
  readonly admits: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** The same for a request to upgrade, which has no response of its own. */
  readonly admitsUpgrade: (request: IncomingMessage) => boolean;
  /** A response to a request to upgrade; the connection ends with it. */
  readonly responseTo: (request: IncomingMessage) => ServerResponse;
  /** What `http.createServer` makes its responses of: they have the security headers from the start. */
  readonly Response: typeof ServerResponse;
}

/** Health is asked for by whatever address the prober knows. */
const isProbe = (url = ''): boolean => /^\/(healthz|readyz)(\?|$)/.test(url);

/** Refuses a call before it has reached a door. */
export const refuse = (response: ServerResponse, reason: Refusal): void => {
  const problem = problemOf(reason);
  const retryAfter = reason.data?.['retryAfter'];
  if (retryAfter !== undefined) response.setHeader('retry-after', Number(retryAfter));
  response
    .writeHead(problem.status, { 'content-type': 'application/problem+json', connection: 'close' })
    .end(JSON.stringify(problem));
};

const allowPage = (request: IncomingMessage, response: ServerResponse, page: string): boolean => {
  response.setHeader('access-control-allow-origin', page);
  response.setHeader('access-control-expose-headers', CORS_ANSWER_HEADERS);
  response.setHeader('vary', 'origin');
  if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined)
    return true;
  if (request.headers['access-control-request-private-network'] === 'true')
    response.setHeader('access-control-allow-private-network', 'true');
  response
    .writeHead(204, {
      'access-control-allow-methods': CORS_METHODS,
      'access-control-allow-headers': CORS_REQUEST_HEADERS,
      'access-control-max-age': PREFLIGHT_SECONDS,
    })
    .end();
  return false;
};

/** The judge’s verdicts carried out. `warn` hears of each name once by which a page came and got no answer. */
export const makeGuard = (
  judge: Judge,
  Response: typeof ServerResponse,
  warn: (fields: Record<string, unknown>, message: string) => void,
): Guard => {
  const warned = new Set<string>();
  const ignore = (request: IncomingMessage, host: string): void => {
    if (!warned.has(host) && warned.size < WARNED_HOSTS_MAX) {
      warned.add(host);
      warn({ host }, 'a page called by a name that ACT_ALLOWED_HOSTS does not list, and was not answered');
    }
    request.socket.destroy();
  };
  const admits: Guard['admits'] = (request, response) => {
    const verdict = judge(request.headers, isProbe(request.url));
    if (verdict.kind === 'served')
      return verdict.page === undefined || allowPage(request, response, verdict.page);
    if (verdict.kind === 'refused') refuse(response, verdict.refusal);
    else ignore(request, verdict.host);
    return false;
  };
  const responseTo: Guard['responseTo'] = (request) => {
    const { socket } = request;
    const response = new Response(request);
    response.assignSocket(socket);
    response.once('finish', () => socket.end());
    return response;
  };
  const admitsUpgrade: Guard['admitsUpgrade'] = (request) => {
    const response = responseTo(request);
    const isAdmitted = admits(request, response);
    if (isAdmitted) response.detachSocket(request.socket);
    return isAdmitted;
  };
  return { admits, admitsUpgrade, responseTo, Response };
};
