import type { CoordinationService } from '../app/coordination-service.ts';
import { makeMetrics } from './metrics.ts';
import type { Metrics } from './metrics.ts';

/** The metrics of a service that is made after them, since it reports to them. */
export const makeServiceMetrics = (service: () => CoordinationService): Metrics =>
  makeMetrics({
    queueDepth: () => service().lanes.depth,
    deepestLane: () => service().lanes.deepest,
    subscribers: () => service().fanOut.subscribers,
    delivered: () => service().fanOut.delivered,
    streamLag: () => service().fanOut.lag,
    overload: () => service().overload.level,
    relayBacklog: () => service().relayBacklog ?? 0,
  });
