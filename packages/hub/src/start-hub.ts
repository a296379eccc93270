import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { defined } from '@agentmix/act-core';
import {
  createDatabaseIfMissing,
  makePostgresTokenStores,
  migrate,
  openPostgresStore,
  startEmbedded,
  wipeErased,
} from '@agentmix/act-postgres';
import type { ConnectionOptions, EmbeddedServer } from '@agentmix/act-postgres';
import { Directory } from './access/directory.ts';
import { openKeyProvider } from './access/key-provider/open-key-provider.ts';
import { signHead } from './audit/sign-head.ts';
import { ErasureWiper } from './erasure-wiper.ts';
import { openAccess } from './open-access.ts';
import type { OpenAccess, Stores } from './open-access.ts';
import { CoordinationService } from './app/coordination-service.ts';
import type { Retention } from './app/sweeper.ts';
import { readConfig } from './config/env.ts';
import type { GivenConfig, HubConfig } from './config/env.ts';
import { makeDoorCloser } from './gateway/close-doors.ts';
import { makeGuard } from './gateway/guard.ts';
import { makeJudge } from './gateway/origin.ts';
import { makeKeeper } from './gateway/limits/keeper.ts';
import { responseWith } from './gateway/security-headers.ts';
import { makeServer } from './gateway/server.ts';
import { addSocketIo } from './gateway/socket/socket-io.ts';
import { readCertificate } from './gateway/tls/certificate.ts';
import type { Certificate } from './gateway/tls/certificate.ts';
import { checkExposure } from './gateway/tls/exposure.ts';
import { keepCertificate } from './gateway/tls/renewal.ts';
import { makeLogger } from './observe/logger.ts';
import type { HubLogger } from './observe/logger.ts';
import { makeMetrics } from './observe/metrics.ts';
import type { Metrics } from './observe/metrics.ts';
import { readOrMintToken, TOKEN_FILE } from './token-file.ts';

export interface Hub {
  readonly url: string;
  /** The admin key, and the file it lies in. */
  readonly token: string;
  readonly tokenFile: string;
  readonly dataDir: string;
  /** Process id of the embedded server, absent where `databaseUrl` is used. */
  readonly databasePid?: number;
  readonly service: CoordinationService;
  /** Stops taking calls, answers what was taken, flushes, and ends the embedded server. */
  stop(): Promise<void>;
  /** Resolves with the reason when the hub cannot go on. */
  readonly failed: Promise<string>;
}

export interface StartOptions extends GivenConfig {
  readonly logger?: HubLogger;
  /** Others than PostgreSQL: for measuring what the database costs. */
  readonly stores?: Stores;
  /** Directory of another PostgreSQL’s programs for the embedded server. */
  readonly postgresBinDir?: string;
}

interface Database {
  readonly stores: Stores;
  /** Wipes what was erased from the server’s files, where the hub may: on its own server. */
  readonly wipe?: () => Promise<number>;
  readonly pid?: number;
  readonly failed?: Promise<string>;
  readonly stop: () => Promise<void>;
}

/** Of the few statements about tokens. */
const TOKEN_CONNECTIONS_MAX = 2;

const openStores = async (options: ConnectionOptions): Promise<Stores & { close: () => Promise<void> }> => {
  const store = await openPostgresStore(options);
  const tokens = makePostgresTokenStores({ ...options, connectionsMax: TOKEN_CONNECTIONS_MAX });
  return {
    store,
    signingKeys: tokens.signingKeys,
    refreshTokens: tokens.refreshTokens,
    close: async () => {
      await tokens.close();
      await store.close();
    },
  };
};

const openEmbedded = async (
  config: HubConfig,
  options: StartOptions,
  log: ConnectionOptions['log'],
): Promise<Database> => {
  const server: EmbeddedServer = await startEmbedded({
    dataDir: config.dataDir,
    log: (line, fields) => log(line, fields),
    ...(options.postgresBinDir === undefined ? {} : { binDir: options.postgresBinDir }),
  });
  try {
    const { socketDir, port } = server;
    await createDatabaseIfMissing({ socketDir, port, user: server.superuser }, 'act');
    await migrate({ connection: { socketDir, port, user: server.superuser } });
    const stores = await openStores({ connection: { socketDir, port, user: 'act_app' }, log });
    return {
      stores,
      wipe: () => wipeErased({ connection: { socketDir, port, user: server.superuser } }),
      pid: server.pid,
      failed: new Promise((resolve) => server.onExit(resolve)),
      stop: async () => {
        await stores.close();
        await server.stop();
      },
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
};

const openDatabase = async (
  config: HubConfig,
  options: StartOptions,
  log: ConnectionOptions['log'],
): Promise<Database> => {
  const { stores: given } = options;
  if (given) return { stores: given, stop: () => given.store.close() };
  if (config.databaseUrl === undefined) return openEmbedded(config, options, log);
  await migrate({ connection: { url: config.migrateUrl ?? config.databaseUrl } });
  const stores = await openStores({ connection: { url: config.databaseUrl }, log });
  return { stores, stop: () => stores.close() };
};

const retentionOf = ({ retentionMs, messageRetentionMs, historyRetentionMs }: HubConfig): Retention => ({
  retentionMs,
  ...defined({ messageRetentionMs, historyRetentionMs }),
});

/** Every door, on one server that does not listen yet. */
const openDoors = async (
  opened: OpenAccess,
  config: HubConfig,
  certificate: Certificate | undefined,
  metrics: Metrics,
  logger: HubLogger,
) => {
  const isProxied = config.isTlsTerminated;
  const keeper = makeKeeper(config.limits, isProxied, opened.gate);
  const guard = makeGuard(
    makeJudge(config),
    responseWith(isProxied || certificate !== undefined),
    (fields, message) => logger.warn(fields, message),
  );
  const app = await makeServer({ ...opened, guard, keeper, certificate, metrics, logger });
  const stopRenewal = keepCertificate(app.server, config.tls, logger);
  const io = addSocketIo(app.server, opened.calls, opened.access, guard, keeper, metrics);
  return { app, stopRenewal, closeDoors: makeDoorCloser(app, io) };
};

/** Starts a hub: the database, the service, every door. Rejects with one clear line when something is in the way. */
export const startHub = async (options: StartOptions = {}): Promise<Hub> => {
  const config = readConfig(options);
  checkExposure(config);
  const certificate = config.tls && readCertificate(config.tls);
  const logger = options.logger ?? makeLogger(config.logLevel);
  const log: ConnectionOptions['log'] = (message, fields) => logger.info(fields ?? {}, message);
  const database = await openDatabase(config, options, log);
  try {
    const { stores } = database;
    const { store } = stores;
    const tokenFile = join(config.dataDir, TOKEN_FILE);
    const token = await readOrMintToken(tokenFile);
    const keys = await openKeyProvider(config);
    const metrics = makeMetrics({
      queueDepth: () => service.lanes.depth,
      subscribers: () => service.fanOut.subscribers,
      delivered: () => service.fanOut.delivered,
    });
    const warn = (message: string, fields: Record<string, unknown>): void => logger.warn(fields, message);
    const directory = new Directory(store, warn);
    const wiper = database.wipe && new ErasureWiper(database.wipe, logger);
    const service = new CoordinationService({
      ...retentionOf(config),
      store,
      keys,
      log: warn,
      signHead: (end) =>
        signHead({ ring: opened.ring, issuer: config.tokenIssuer, clock: service.clock }, end),
      onErased: () => wiper?.ask(),
      onAccessChanged: () => void directory.refresh(),
      onCommit: metrics.onCommit,
    });
    const opened = await openAccess({
      stores,
      service,
      directory,
      ownerKey: token,
      keyProvider: keys,
      config,
      log: warn,
    });
    const { app, stopRenewal, closeDoors } = await openDoors(opened, config, certificate, metrics, logger);
    const stopService = async (): Promise<void> => {
      stopRenewal();
      await opened.stopAccess();
      await service.stop();
      await closeDoors();
      await wiper?.stop();
    };
    try {
      await app.listen({ host: config.host, port: config.port });
    } catch (error) {
      await stopService();
      throw error;
    }
    const { address, family, port } = app.server.address() as AddressInfo;
    const url = `${certificate ? 'https' : 'http'}://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
    logger.info({ url, dataDir: config.dataDir, databasePid: database.pid }, 'hub is serving');
    wiper?.ask();
    let stopping: Promise<void> | undefined;
    return {
      url,
      token,
      tokenFile,
      dataDir: config.dataDir,
      ...(database.pid === undefined ? {} : { databasePid: database.pid }),
      service,
      failed: database.failed ?? new Promise(() => undefined),
      stop: () => (stopping ??= stopService().then(() => database.stop())),
    };
  } catch (error) {
    await database.stop();
    throw error;
  }
};
