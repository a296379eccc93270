import type { FastifyInstance } from 'fastify';
import type { IncomingMessage } from 'node:http';
import type { Bearer } from '../../access/access.ts';
import type { HubLogger } from '../../observe/logger.ts';
import type { Metrics } from '../../observe/metrics.ts';
import type { Refused } from '../../observe/refusal-log.ts';
import type { Calls } from '../calls.ts';
import type { Told } from './asker.ts';
import type { WebSocketParts } from './live/over-websocket.ts';
import type { Serving } from './serving.ts';

export const GRAPHQL_PATH = '/graphql';

export interface GraphqlParts {
  readonly calls: Calls;
  readonly metrics: Metrics;
  readonly logger: HubLogger;
  readonly refused: Refused;
}

/** Gives what answers: made when somebody asks for the first time, for it takes as long as a tenth of a start. */
export type Load = () => Promise<Serving>;

export const makeLoad = (parts: WebSocketParts): Load => {
  let serving: Promise<Serving> | undefined;
  return () => (serving ??= import('./serving.ts').then(({ makeServing }) => makeServing(parts)));
};

/** Notes how each call of a document went, as the other doors do. */
export const makeTold =
  ({ metrics, refused }: GraphqlParts, request: IncomingMessage, { credential }: Bearer): Told =>
  (operation, code, seconds) => {
    metrics.onRequest('graphql', operation, code, seconds);
    if (code === 'ok') return;
    refused(request, { door: 'graphql', code, operation, memberId: credential.memberId });
  };

/** POST /graphql. Not GET: no page may ask for anything without having asked whether it may. */
export const addGraphql = (app: FastifyInstance, load: Load): void => {
  app.post(GRAPHQL_PATH, async (request, reply) => (await load()).overHttp(request, reply));
};
