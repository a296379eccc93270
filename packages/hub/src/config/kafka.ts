import { ConfigError, integer } from './integer.ts';
import { list } from './list.ts';

/** The Kafka that events are carried to. Files in PEM form. */
export interface KafkaConfig {
  /** host:port each. */
  readonly brokers: readonly string[];
  readonly isTls: boolean;
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
  readonly sasl?: {
    readonly mechanism: (typeof MECHANISMS)[number];
    readonly username: string;
    readonly password: string;
  };
  /** The network to the brokers is nobody else’s, so that it need not be encrypted. */
  readonly isInClear: boolean;
  /** Hubs of one database hear of each other from the topic, not by LISTEN. */
  readonly isBus: boolean;
  /** Of the topic, where the hub makes it. */
  readonly partitions: number;
  readonly retentionMs: number;
}

const MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const;
const BROKER = /^(\[[0-9a-f:]+\]|[a-z0-9._-]+):(\d{1,5})$/i;
const PORT_MAX = 65_535;
const HOUR_MS = 3_600_000;
const RETENTION_HOURS_DEFAULT = 7 * 24;
const PARTITIONS_DEFAULT = 12;

type Environment = Readonly<Record<string, string | undefined>>;

const brokersOf = (env: Environment): string[] => {
  const brokers = list(env['KAFKA_BROKERS']);
  for (const broker of brokers) {
    const port = Number(BROKER.exec(broker)?.[2] ?? 0);
    if (port < 1 || port > PORT_MAX)
      throw new ConfigError(
        `KAFKA_BROKERS must be host:port, several with commas between, not ${JSON.stringify(broker)}`,
      );
  }
  return brokers;
};

const saslOf = (env: Environment): KafkaConfig['sasl'] => {
  const [username, password] = [env['KAFKA_USERNAME'], env['KAFKA_PASSWORD']];
  const wanted = env['KAFKA_SASL_MECHANISM'];
  if (!wanted && !username && !password) return undefined;
  const mechanism = MECHANISMS.find((one) => one === (wanted || 'SCRAM-SHA-512'));
  if (!mechanism)
    throw new ConfigError(`KAFKA_SASL_MECHANISM must be one of ${MECHANISMS.join(', ')}, not ${wanted}`);
  if (!username || !password)
    throw new ConfigError('KAFKA_USERNAME and KAFKA_PASSWORD go together: set both, or neither');
  return { mechanism, username, password };
};

const NEED_BROKERS = [
  'KAFKA_TLS',
  'KAFKA_CA_FILE',
  'KAFKA_CERT_FILE',
  'KAFKA_KEY_FILE',
  'KAFKA_USERNAME',
  'KAFKA_PASSWORD',
  'KAFKA_BUS',
];

/** Absent where there is none; throws ConfigError. */
export const readKafka = (env: Environment): KafkaConfig | undefined => {
  const brokers = brokersOf(env);
  if (brokers.length === 0) {
    const left = NEED_BROKERS.find((name) => env[name]);
    if (left !== undefined) throw new ConfigError(`${left} needs KAFKA_BROKERS: set it, or neither`);
    return undefined;
  }
  const [caFile, certFile, keyFile] = [env['KAFKA_CA_FILE'], env['KAFKA_CERT_FILE'], env['KAFKA_KEY_FILE']];
  if (Boolean(certFile) !== Boolean(keyFile))
    throw new ConfigError(
      'KAFKA_CERT_FILE and KAFKA_KEY_FILE go together: set both to PEM files, or neither',
    );
  const sasl = saslOf(env);
  return {
    brokers,
    isTls: env['KAFKA_TLS'] === '1' || Boolean(caFile ?? certFile),
    ...(caFile ? { caFile } : {}),
    ...(certFile && keyFile ? { certFile, keyFile } : {}),
    ...(sasl ? { sasl } : {}),
    isInClear: env['KAFKA_IN_CLEAR'] === '1',
    isBus: env['KAFKA_BUS'] === '1',
    partitions: integer('KAFKA_PARTITIONS', env['KAFKA_PARTITIONS'], PARTITIONS_DEFAULT, 1, 10_000),
    retentionMs:
      HOUR_MS *
      integer(
        'KAFKA_RETENTION_HOURS',
        env['KAFKA_RETENTION_HOURS'],
        RETENTION_HOURS_DEFAULT,
        1,
        10 * 365 * 24,
      ),
  };
};
