import { hearConnectionErrors } from './heard-errors.ts';

/** How to reach the brokers, and what the topic is made with where it is missing. */
export interface KafkaOptions {
  /** host:port each. */
  readonly brokers: readonly string[];
  readonly tls?: KafkaTls;
  readonly sasl?: KafkaSasl;
  readonly partitions: number;
  /** Of events in the topic, where the hub makes it. */
  readonly retentionMs: number;
  readonly log: (message: string, fields: Record<string, unknown>) => void;
}

/** PEM texts. Brokers always have to prove who they are. */
export interface KafkaTls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

export const SASL_MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const;

export interface KafkaSasl {
  readonly mechanism: (typeof SASL_MECHANISMS)[number];
  readonly username: string;
  readonly password: string;
}

// For the whole process, once: every client of the driver is made with these options.
hearConnectionErrors();

const CONNECT_MS_MAX = 3_000;
const REQUEST_MS_MAX = 5_000;

/** What every client of the driver begins with. It tries nothing again by itself: who uses it knows when to. */
export const clientOptions = ({ brokers, tls, sasl }: Pick<KafkaOptions, 'brokers' | 'tls' | 'sasl'>) => ({
  clientId: 'act-hub',
  bootstrapBrokers: [...brokers],
  connectTimeout: CONNECT_MS_MAX,
  timeout: REQUEST_MS_MAX,
  retries: 0,
  ...(tls ? { tls: { ...tls } } : {}),
  ...(sasl ? { sasl: { ...sasl } } : {}),
});
