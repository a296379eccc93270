import { BODY_BYTES_MAX, refusal } from '@agentmix/act-contract';
import type { Refusal } from '@agentmix/act-contract';
import fastify from 'fastify';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isOfHub } from '../access/access.ts';
import type { TokenDesk } from '../access/token-desk.ts';
import type { KeyRing } from '../access/tokens/key-ring.ts';
import type { HubLogger } from '../observe/logger.ts';
import { UNREAD } from '../observe/metrics.ts';
import type { Metrics } from '../observe/metrics.ts';
import type { Refused } from '../observe/refusal-log.ts';
import type { Calls } from './calls.ts';
import { addAdmission } from './admission.ts';
import { addArtifactContent } from './content/artifact-content.ts';
import { addDocuments } from './documents.ts';
import { bearerOf, bearerToken } from './bearer.ts';
import { addGraphql, GRAPHQL_PATH } from './graphql/graphql-door.ts';
import type { Load } from './graphql/graphql-door.ts';
import type { Guard } from './guard.ts';
import { makeHttpServer } from './http-server.ts';
import type { Keeper } from './limits/keeper.ts';
import type { AnswerMalformed } from './malformed.ts';
import { addMcp, MCP_PATH } from './mcp/mcp-door.ts';
import { parseJson, UnacceptableBody } from './parse-json.ts';
import { sendProblem } from './problem.ts';
import { addHubStatus } from './rest/hub-status.ts';
import { addRoutes } from './rest/routes.ts';
import { addTokenRoutes } from './rest/tokens.ts';
import type { Admitted } from './rest/tokens.ts';
import { addEventStream } from './stream/server-sent-events.ts';
import type { Certificate } from './tls/certificate.ts';

const KNOWN_ERRORS: Readonly<Record<string, (message: string) => Refusal>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: () => refusal('payload_too_large'),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: () => refusal('unsupported_media_type'),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: () =>
    refusal('malformed_body', 'the body is shorter or longer than announced'),
};

const refusalOf = (error: { code?: string; statusCode?: number; message: string }): Refusal | undefined => {
  if (error instanceof UnacceptableBody) return error.refusal;
  const known = KNOWN_ERRORS[error.code ?? '']?.(error.message);
  if (known) return known;
  return error.statusCode !== undefined && error.statusCode < 500
    ? refusal('malformed_body', error.message.slice(0, 200))
    : undefined;
};

const refusedOf = ({ method, routeOptions, bearer }: FastifyRequest, { code }: Refusal) => ({
  door: 'rest' as const,
  code,
  // The route, not the address that was asked for: callers cannot invent new ones.
  operation: `${method} ${routeOptions.url ?? '(no route)'}`,
  ...(bearer ? { memberId: bearer.credential.memberId } : {}),
});

/** The doors that are one path each; all others are of REST. */
const DOORS: Readonly<Record<string, string>> = { [MCP_PATH]: 'mcp', [GRAPHQL_PATH]: 'graphql' };

export interface ServerParts {
  readonly calls: Calls;
  readonly desk: TokenDesk;
  readonly ring: KeyRing;
  readonly guard: Guard;
  readonly answerMalformed: AnswerMalformed;
  readonly keeper: Keeper;
  readonly certificate: Certificate | undefined;
  readonly metrics: Metrics;
  readonly logger: HubLogger;
  readonly refused: Refused;
  readonly admitted: Admitted;
  readonly loadGraphql: Load;
  readonly dataDir: string;
}

/** What callers are told when something is wrong, and who else hears of it. */
const answerProblems = (app: FastifyInstance, logger: HubLogger, refused: Refused): void => {
  app.addHook('onResponse', (request, reply, done) => {
    if (reply.refusal) refused(request.raw, refusedOf(request, reply.refusal));
    done();
  });
  app.setErrorHandler(
    (error: { code?: string; statusCode?: number; message: string; stack?: string }, request, reply) => {
      const known = refusalOf(error);
      if (!known)
        logger.error(
          { error: error.stack, method: request.method, route: request.routeOptions.url },
          'request failed',
        );
      return sendProblem(reply, known ?? refusal('internal'));
    },
  );
  app.setNotFoundHandler((_request, reply) => sendProblem(reply, refusal('route_not_found')));
};

/** The HTTP server with every door but Socket.IO, which attaches to it. */
export const makeServer = async ({
  calls,
  desk,
  ring,
  guard,
  answerMalformed,
  keeper,
  certificate,
  metrics,
  logger,
  refused,
  admitted,
  loadGraphql,
  dataDir,
}: ServerParts): Promise<FastifyInstance> => {
  const app = fastify({
    bodyLimit: BODY_BYTES_MAX,
    serverFactory: (listener) => {
      const server = makeHttpServer(listener, guard.Response, certificate);
      keeper.connections.watch(server);
      return server;
    },
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 1_024 },
    logger: false,
    clientErrorHandler: answerMalformed,
    // Its own answer to calls while it closes would come before the guard.
    return503OnClosing: false,
    // Paths that cannot be read are refused before any hook runs.
    frameworkErrors: (_error, request, reply) => {
      if (!guard.admits(request.raw, reply.raw)) return void reply.hijack();
      const entered = keeper.enter(request.raw, bearerToken(request.headers.authorization));
      void Promise.resolve(entered).then(
        (answer) => sendProblem(reply, answer.ok ? refusal('route_not_found') : answer.refusal),
        () => sendProblem(reply, refusal('internal')),
      );
    },
  });
  // JSON alone: plain text is the one type that a page may send without asking first.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, parseJson);
  app.decorateRequest('bearer');
  app.decorateReply('refusal');
  addAdmission(app, guard, keeper, (path, code) => metrics.onRequest(DOORS[path] ?? 'rest', UNREAD, code, 0));
  app.addHook('onClose', () => keeper.close());
  answerProblems(app, logger, refused);
  app.get('/healthz', () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) =>
    (await calls.service.isReady()) ? { status: 'ready' } : sendProblem(reply, refusal('unavailable')),
  );
  app.get('/metrics', async (request, reply) => {
    if (!isOfHub(bearerOf(request))) return sendProblem(reply, refusal('forbidden'));
    return reply.header('content-type', metrics.registry.contentType).send(await metrics.registry.metrics());
  });
  await addDocuments(app, calls.service);
  addHubStatus(app, calls.service, dataDir, metrics);
  addTokenRoutes(app, desk, ring, metrics, admitted);
  addRoutes(app, calls, metrics);
  addEventStream(app, calls, metrics);
  addArtifactContent(app, calls, metrics);
  addMcp(app, calls, metrics, logger);
  addGraphql(app, loadGraphql);
  return app;
};
