import { hubCalls, refusal } from '@agentmix/act-contract';
import type { FastifyInstance } from 'fastify';
import { isOfHub } from '../../access/access.ts';
import type { CoordinationService } from '../../app/coordination-service.ts';
import { readHealth } from '../../observe/health.ts';
import type { Metrics } from '../../observe/metrics.ts';
import { bearerOf } from '../bearer.ts';
import { sendProblem } from '../problem.ts';

const { name, route } = hubCalls['hub.status'];

/** How the hub and all that it depends on are, for its owners. */
export const addHubStatus = (
  app: FastifyInstance,
  service: CoordinationService,
  dataDir: string,
  metrics: Metrics,
): void => {
  app.get(`/v1${route.path}`, async (request, reply) => {
    const started = performance.now();
    const isAllowed = isOfHub(bearerOf(request));
    const health = isAllowed ? await readHealth(service, dataDir) : undefined;
    const code = isAllowed ? 'ok' : 'forbidden';
    metrics.onRequest('rest', name, code, (performance.now() - started) / 1_000);
    return health ?? sendProblem(reply, refusal('forbidden'));
  });
};
