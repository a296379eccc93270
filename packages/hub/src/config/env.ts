import { homedir } from 'node:os';
import { join } from 'node:path';
import { readIdentityProvider } from './identity-provider.ts';
import type { IdentityProvider } from './identity-provider.ts';
import { givenSecret } from './given-secret.ts';
import { ConfigError, integer } from './integer.ts';
import { readKafka } from './kafka.ts';
import type { KafkaConfig } from './kafka.ts';
import { readRedis } from './redis.ts';
import type { RedisConfig } from './redis.ts';
import { readLimits } from './limits.ts';
import type { Limits } from './limits.ts';
import { list } from './list.ts';

export { ConfigError } from './integer.ts';

/** Files in PEM form. */
export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
  /** Authorities of client certificates; given, only clients with one of theirs may connect. */
  readonly clientCaFile?: string;
}

export interface HubConfig {
  readonly host: string;
  readonly port: number;
  /** Serves Socket.IO alone, besides `port`, which serves it too. */
  readonly socketPort?: number;
  readonly dataDir: string;
  /** Absent: the embedded server below `dataDir`. */
  readonly databaseUrl?: string;
  /** Who makes the schema of `databaseUrl`, whose own user may not; absent where the schema is made by other means. */
  readonly migrateUrl?: string;
  /** The database server itself, where a pooler stands before `databaseUrl`: notifications of other hubs do not pass it. */
  readonly listenUrl?: string;
  /** The network to the database is nobody else’s, so that it need not be encrypted. */
  readonly isDatabaseInClear: boolean;
  /** Names besides the loopback ones that a Host header may carry. */
  readonly allowedHosts: readonly string[];
  /** Origins of pages that may call, besides the hub’s own. */
  readonly allowedOrigins: readonly string[];
  /** Absent: the hub speaks plain HTTP, which it does on loopback addresses only. */
  readonly tls?: TlsFiles;
  /** A proxy in front of the hub speaks TLS, and tells who calls in X-Forwarded-For. */
  readonly isTlsTerminated: boolean;
  readonly limits: Limits;
  readonly logLevel: string;
  readonly retentionMs: number;
  /** Contents of messages read longer ago are erased; absent: kept. */
  readonly messageRetentionMs?: number;
  /** Rows of the history that are older are forgotten; absent: kept. */
  readonly historyRetentionMs?: number;
  /** An owner’s API key; absent: minted into a file below `dataDir`. */
  readonly ownerKey?: string;
  /** Master keys (base64 of 32 bytes), the current one first; absent: minted into a file below `dataDir`. */
  readonly masterKeys?: string;
  /** A program and its arguments that prints them instead. */
  readonly masterKeyCommand?: string;
  /** Issuer and audience of access tokens; the same for all hubs of a database. */
  readonly tokenIssuer: string;
  /** After this time the next key signs access tokens. */
  readonly keyRotationMs: number;
  /** API keys are good for access tokens and nothing else. */
  readonly areKeysForTokensOnly: boolean;
  /** The OpenID Connect provider that humans sign in at. */
  readonly oidc?: IdentityProvider;
  /** Where spans of calls are sent over OTLP; absent: nowhere, and none are made. */
  readonly otlpEndpoint?: string;
  /** Where events are carried for others to consume; absent: nowhere. */
  readonly kafka?: KafkaConfig;
  /** What hubs of one database share besides it; absent: nothing. */
  readonly redis?: RedisConfig;
}

const HOUR_MS = 3_600_000;
const RETENTION_HOURS_DEFAULT = 7 * 24;
const TOKEN_ISSUER_DEFAULT = 'urn:act:hub';
const KEY_ROTATION_HOURS_DEFAULT = 24;
/** Less would forget commands that may still be repeated. */
const RETENTION_HOURS_MIN = 25;

const tlsFiles = (env: NodeJS.ProcessEnv): TlsFiles | undefined => {
  const certFile = env['ACT_TLS_CERT'];
  const keyFile = env['ACT_TLS_KEY'];
  const clientCaFile = env['ACT_TLS_CLIENT_CA'];
  if (certFile && keyFile) return { certFile, keyFile, ...(clientCaFile ? { clientCaFile } : {}) };
  if (certFile || keyFile || clientCaFile)
    throw new ConfigError('ACT_TLS_CERT and ACT_TLS_KEY go together: set both to PEM files, or neither');
  return undefined;
};

const days = (name: string, text: string | undefined, given: number | undefined): number | undefined => {
  if (given !== undefined) return given;
  const value = integer(name, text, 0, 0, 100 * 365);
  return value === 0 ? undefined : 24 * HOUR_MS * value;
};

const retention = (
  given: GivenConfig,
  env: NodeJS.ProcessEnv,
): Pick<HubConfig, 'messageRetentionMs' | 'historyRetentionMs'> => {
  const messages = days(
    'ACT_MESSAGE_RETENTION_DAYS',
    env['ACT_MESSAGE_RETENTION_DAYS'],
    given.messageRetentionMs,
  );
  const history = days(
    'ACT_HISTORY_RETENTION_DAYS',
    env['ACT_HISTORY_RETENTION_DAYS'],
    given.historyRetentionMs,
  );
  return {
    ...(messages === undefined ? {} : { messageRetentionMs: messages }),
    ...(history === undefined ? {} : { historyRetentionMs: history }),
  };
};

const ports = (given: GivenConfig, env: NodeJS.ProcessEnv): Pick<HubConfig, 'port' | 'socketPort'> => {
  const port = given.port ?? integer('ACT_PORT', env['ACT_PORT'], 3000, 0, 65_535);
  const text = env['ACT_SOCKET_PORT'];
  const socketPort = given.socketPort ?? (text ? integer('ACT_SOCKET_PORT', text, 0, 0, 65_535) : undefined);
  if (socketPort !== undefined && socketPort !== 0 && socketPort === port)
    throw new ConfigError(
      `ACT_SOCKET_PORT and ACT_PORT are both ${port}: Socket.IO is served on that one anyway`,
    );
  return { port, ...(socketPort === undefined ? {} : { socketPort }) };
};

const collector = (url: string | undefined): string | undefined => {
  if (url && !(URL.canParse(url) && /^https?:/.test(url)))
    throw new ConfigError(
      `OTEL_EXPORTER_OTLP_ENDPOINT must be a URL such as http://127.0.0.1:4318, not "${url}"`,
    );
  return url;
};

/** As root the server runs as another user, who must be able to reach its data. */
export const defaultDataDir = (): string =>
  process.getuid?.() === 0 ? '/var/lib/act' : join(homedir(), '.local', 'share', 'act');

/** What a program may give; the environment tells the rest. */
export type GivenConfig = Omit<Partial<HubConfig>, 'limits'> & { readonly limits?: Partial<Limits> };

/** The one place that reads the environment. Given values win over it. */
export const readConfig = (given: GivenConfig = {}, env: NodeJS.ProcessEnv = process.env): HubConfig => {
  const databaseUrl = given.databaseUrl ?? givenSecret('DATABASE_URL', env);
  const tls = given.tls ?? tlsFiles(env);
  const masterKeys = given.masterKeys ?? givenSecret('ACT_MASTER_KEY', env);
  const ownerKey = given.ownerKey ?? givenSecret('ACT_OWNER_KEY', env);
  const masterKeyCommand = given.masterKeyCommand ?? env['ACT_MASTER_KEY_COMMAND'];
  if (masterKeys && masterKeyCommand)
    throw new ConfigError('ACT_MASTER_KEY and ACT_MASTER_KEY_COMMAND: set one of them');
  const migrateUrl = given.migrateUrl ?? givenSecret('ACT_MIGRATE_URL', env);
  const listenUrl = given.listenUrl ?? givenSecret('ACT_LISTEN_URL', env);
  const oidc = given.oidc ?? readIdentityProvider(env);
  const kafka = given.kafka ?? readKafka(env);
  const redis = given.redis ?? readRedis(env);
  const otlpEndpoint = given.otlpEndpoint ?? collector(env['OTEL_EXPORTER_OTLP_ENDPOINT']);
  return {
    host: given.host ?? (env['ACT_HOST'] || '127.0.0.1'),
    ...ports(given, env),
    dataDir: given.dataDir ?? (env['ACT_DATA_DIR'] || defaultDataDir()),
    ...(databaseUrl ? { databaseUrl } : {}),
    ...(masterKeys ? { masterKeys } : {}),
    ...(ownerKey ? { ownerKey } : {}),
    ...(masterKeyCommand ? { masterKeyCommand } : {}),
    tokenIssuer: given.tokenIssuer ?? (env['ACT_TOKEN_ISSUER'] || TOKEN_ISSUER_DEFAULT),
    keyRotationMs:
      given.keyRotationMs ??
      HOUR_MS *
        integer(
          'ACT_KEY_ROTATION_HOURS',
          env['ACT_KEY_ROTATION_HOURS'],
          KEY_ROTATION_HOURS_DEFAULT,
          1,
          30 * 24,
        ),
    areKeysForTokensOnly: given.areKeysForTokensOnly ?? env['ACT_KEYS_FOR_TOKENS_ONLY'] === '1',
    ...(oidc ? { oidc } : {}),
    ...(kafka ? { kafka } : {}),
    ...(redis ? { redis } : {}),
    ...(otlpEndpoint ? { otlpEndpoint } : {}),
    ...(migrateUrl ? { migrateUrl } : {}),
    ...(listenUrl ? { listenUrl } : {}),
    isDatabaseInClear: given.isDatabaseInClear ?? env['ACT_DATABASE_IN_CLEAR'] === '1',
    allowedHosts: given.allowedHosts ?? list(env['ACT_ALLOWED_HOSTS']),
    allowedOrigins: given.allowedOrigins ?? list(env['ACT_ALLOWED_ORIGINS']),
    ...(tls ? { tls } : {}),
    isTlsTerminated: given.isTlsTerminated ?? env['ACT_TLS_TERMINATED'] === '1',
    limits: readLimits(given.limits ?? {}, env),
    ...retention(given, env),
    logLevel: given.logLevel ?? (env['ACT_LOG_LEVEL'] || 'info'),
    retentionMs:
      given.retentionMs ??
      HOUR_MS *
        integer(
          'ACT_LOG_RETENTION_HOURS',
          env['ACT_LOG_RETENTION_HOURS'],
          RETENTION_HOURS_DEFAULT,
          RETENTION_HOURS_MIN,
          10 * 365 * 24,
        ),
  };
};
