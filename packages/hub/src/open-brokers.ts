import { defined } from '@agentmix/act-core';
import type { Bus, Store, Whispers } from '@agentmix/act-core';
import type { CoordinationService, ServiceOptions } from './app/coordination-service.ts';
import type { Tracing } from './app/tracing.ts';
import type { HubConfig } from './config/env.ts';
import { openKafka } from './open-kafka.ts';
import { openRedis } from './open-redis.ts';

/** What a hub works with besides its database, and may lose at any moment. */
export interface Brokers {
  /** How hubs of one database hear each other, in place of its notifications. */
  readonly openBus?: () => Bus;
  readonly whispers?: Whispers;
  /** What they want to be told, and what is asked of them. */
  readonly hooks: Pick<
    ServiceOptions,
    'onLogged' | 'onStateChanged' | 'onHeard' | 'relayBacklog' | 'tracing'
  >;
  readonly start: (service: CoordinationService, store: Store) => void;
  readonly stop: () => Promise<void>;
}

/** What traces calls is a good deal of code: it is loaded where somebody wants it. */
const loadTracing = async (endpoint: string): Promise<Tracing> =>
  (await import('./observe/open-telemetry.ts')).openTracing(endpoint);

/** Kafka, Redis and the collector of traces, as far as the configuration names them. */
export const openBrokers = async (
  {
    kafka: kafkaConfig,
    redis: redisConfig,
    otlpEndpoint,
  }: Pick<HubConfig, 'kafka' | 'redis' | 'otlpEndpoint'>,
  log: (message: string, fields: Record<string, unknown>) => void,
): Promise<Brokers> => {
  const kafka = kafkaConfig && (await openKafka(kafkaConfig, log));
  const redis = redisConfig && (await openRedis(redisConfig, log));
  const tracing = otlpEndpoint ? await loadTracing(otlpEndpoint) : undefined;
  return {
    ...defined({ openBus: kafka?.openBus ?? (redis && (() => redis.bus)), whispers: redis?.whispers }),
    hooks: defined({
      onLogged: kafka?.wake,
      relayBacklog: kafka?.backlog,
      onStateChanged: redis?.stateChanged,
      onHeard: redis?.heard,
      tracing,
    }),
    start: (service, store) => {
      kafka?.carry(store);
      redis?.show(service, store);
    },
    stop: async () => {
      await kafka?.stop();
      await redis?.stop();
      await tracing?.close();
    },
  };
};
