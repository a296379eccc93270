import type { FastifyInstance } from 'fastify';
import type { IncomingMessage } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
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

/** The library, a part at a time: as a whole it takes 60 to 90 ms in which nobody would be served. */
const loadLibrary = async (): Promise<void> => {
  for (const load of [
    () => import('graphql/language/index.js'),
    () => import('graphql/type/index.js'),
    () => import('graphql/execution/index.js'),
    () => import('graphql/validation/index.js'),
    () => import('graphql/utilities/index.js'),
  ]) {
    await load();
    await nextTurn();
  }
};

/** Gives what answers: made when somebody asks for the first time, for it takes as long as a tenth of a start. */
export type Load = () => Promise<Serving>;

export const makeLoad = (parts: WebSocketParts): Load => {
  let serving: Promise<Serving> | undefined;
  const load = async (): Promise<Serving> => {
    await loadLibrary();
    const { makeServing } = await import('./serving.ts');
    const made = await makeServing(parts);
    // All who have waited for it go on together.
    await nextTurn();
    return made;
  };
  return () => (serving ??= load());
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
