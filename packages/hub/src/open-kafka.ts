import type { Bus, EventTopic, Store } from '@agentmix/act-core';
import type { KafkaTls } from '@agentmix/act-kafka';
import { uuidv7 } from 'uuidv7';
import { startRelay } from './app/relay.ts';
import type { Relay } from './app/relay.ts';
import { ConfigError } from './config/integer.ts';
import type { KafkaConfig } from './config/kafka.ts';
import { pem } from './config/pem.ts';
import { isLoopback } from './gateway/tls/exposure.ts';

export interface OpenKafka {
  /** Begins to carry the logs of this store’s projects. */
  readonly carry: (store: Store) => void;
  /** A project has something to carry. */
  readonly wake: (projectId: string) => void;
  /** Events that are not carried yet. */
  readonly backlog: () => number;
  /** Hears from the topic what other hubs do, where the configuration wants it. */
  readonly openBus?: () => Bus;
  readonly stop: () => Promise<void>;
}

const tlsOf = ({ isTls, caFile, certFile, keyFile }: KafkaConfig): KafkaTls | undefined => {
  if (!isTls) return undefined;
  return {
    ...(caFile === undefined ? {} : { ca: pem('KAFKA_CA_FILE', caFile) }),
    ...(certFile === undefined ? {} : { cert: pem('KAFKA_CERT_FILE', certFile) }),
    ...(keyFile === undefined ? {} : { key: pem('KAFKA_KEY_FILE', keyFile) }),
  };
};

/** What is in the events crosses no network for everyone to read: throws ConfigError. */
const checkLines = ({ brokers, isTls, isInClear }: KafkaConfig): void => {
  if (isTls || isInClear) return;
  const host = brokers
    .map((broker) => broker.slice(0, broker.lastIndexOf(':')))
    .find((name) => !isLoopback(name));
  if (host !== undefined)
    throw new ConfigError(
      `KAFKA_BROKERS reaches ${host} over a network without TLS: set KAFKA_TLS=1, and KAFKA_CA_FILE where its ` +
        'certificate is of an authority of your own; or KAFKA_IN_CLEAR=1 where nobody else is on that network',
    );
};

/** The Kafka that the configuration names. Its driver is loaded here, by those hubs only that need it. */
export const openKafka = async (
  config: KafkaConfig,
  log: (message: string, fields: Record<string, unknown>) => void,
): Promise<OpenKafka> => {
  checkLines(config);
  const tls = tlsOf(config);
  const { openEventTopic, openTopicBus } = await import('@agentmix/act-kafka');
  const { brokers, sasl, partitions, retentionMs } = config;
  const options = {
    brokers,
    partitions,
    retentionMs,
    log,
    ...(tls ? { tls } : {}),
    ...(sasl ? { sasl } : {}),
  };
  const topic: EventTopic = openEventTopic(options);
  let relay: Relay | undefined;
  return {
    carry: (store) => void (relay = startRelay({ store, topic, owner: uuidv7(), log })),
    wake: (projectId) => relay?.wake(projectId),
    backlog: () => relay?.backlog() ?? 0,
    ...(config.isBus ? { openBus: () => openTopicBus(options) } : {}),
    stop: async () => {
      await relay?.stop();
      await topic.close();
    },
  };
};
