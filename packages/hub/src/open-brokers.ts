import { defined } from '@agentmix/act-core';
import type { Bus, Store, Whispers } from '@agentmix/act-core';
import type { CoordinationService, ServiceOptions } from './app/coordination-service.ts';
import type { HubConfig } from './config/env.ts';
import { openKafka } from './open-kafka.ts';
import { openRedis } from './open-redis.ts';

/** What a hub works with besides its database, and may lose at any moment. */
export interface Brokers {
  readonly bus?: Bus;
  readonly whispers?: Whispers;
  /** What they want to be told, and what is asked of them. */
  readonly hooks: Pick<ServiceOptions, 'onLogged' | 'onStateChanged' | 'onHeard' | 'relayBacklog'>;
  readonly start: (service: CoordinationService, store: Store) => void;
  readonly stop: () => Promise<void>;
}

/** Kafka and Redis, as far as the configuration names them. */
export const openBrokers = async (
  { kafka: kafkaConfig, redis: redisConfig }: Pick<HubConfig, 'kafka' | 'redis'>,
  log: (message: string, fields: Record<string, unknown>) => void,
): Promise<Brokers> => {
  const kafka = kafkaConfig && (await openKafka(kafkaConfig, log));
  const redis = redisConfig && (await openRedis(redisConfig, log));
  return {
    ...defined({ bus: redis?.bus, whispers: redis?.whispers }),
    hooks: defined({
      onLogged: kafka?.wake,
      relayBacklog: kafka?.backlog,
      onStateChanged: redis?.stateChanged,
      onHeard: redis?.heard,
    }),
    start: (service, store) => {
      kafka?.carry(store);
      redis?.show(service, store);
    },
    stop: async () => {
      await kafka?.stop();
      await redis?.stop();
    },
  };
};
