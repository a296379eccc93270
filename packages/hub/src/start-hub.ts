import type { AddressInfo } from 'node:net';
import { defined } from '@agentmix/act-core';
import { Directory } from './access/directory.ts';
import { openKeyProvider } from './access/key-provider/open-key-provider.ts';
import { signHead } from './audit/sign-head.ts';
import { ErasureWiper } from './erasure-wiper.ts';
import { openAccess } from './open-access.ts';
import { openBrokers } from './open-brokers.ts';
import type { Brokers } from './open-brokers.ts';
import { openDatabase } from './open-database.ts';
import type { Database, DatabaseOptions } from './open-database.ts';
import { openDoors } from './gateway/open-doors.ts';
import { CoordinationService } from './app/coordination-service.ts';
import type { Retention } from './app/sweeper.ts';
import { readConfig } from './config/env.ts';
import type { GivenConfig, HubConfig } from './config/env.ts';
import { readCertificate } from './gateway/tls/certificate.ts';
import type { Certificate } from './gateway/tls/certificate.ts';
import { checkExposure } from './gateway/tls/exposure.ts';
import { makeLogger } from './observe/logger.ts';
import type { HubLogger } from './observe/logger.ts';
import { makeServiceMetrics } from './observe/service-metrics.ts';
import { openOwnerKey } from './token-file.ts';

export interface Hub {
  readonly url: string;
  /** Where Socket.IO alone is served too. */
  readonly socketPort?: number;
  /** The admin key, and the file it lies in, unless the configuration gave it. */
  readonly token: string;
  readonly tokenFile?: string;
  readonly dataDir: string;
  /** Process id of the embedded server, absent where `databaseUrl` is used. */
  readonly databasePid?: number;
  readonly service: CoordinationService;
  /** Stops taking calls, answers what was taken, flushes, and ends the embedded server. */
  stop(): Promise<void>;
  /** Resolves with the reason when the hub cannot go on. */
  readonly failed: Promise<string>;
}

export interface StartOptions extends GivenConfig, DatabaseOptions {
  readonly logger?: HubLogger;
}

const retentionOf = ({
  retentionMs,
  messageRetentionMs,
  historyRetentionMs,
  kafka,
}: HubConfig): Retention => ({
  retentionMs,
  keepsUncarried: kafka !== undefined,
  ...defined({ messageRetentionMs, historyRetentionMs }),
});

const urlOf = ({ address, family, port }: AddressInfo, isSecure: boolean): string =>
  `${isSecure ? 'https' : 'http'}://${family === 'IPv6' ? `[${address}]` : address}:${port}`;

/** What was opened before a step that fails is closed again. */
const orUndo = async <T>(step: Promise<T>, undo: () => Promise<void>): Promise<T> => {
  try {
    return await step;
  } catch (error) {
    await undo();
    throw error;
  }
};

const warner =
  (logger: HubLogger) =>
  (message: string, fields: Record<string, unknown>): void =>
    logger.warn(fields, message);

interface Opened {
  readonly config: HubConfig;
  readonly certificate: Certificate | undefined;
  readonly logger: HubLogger;
  readonly brokers: Brokers;
  readonly database: Database;
}

/** Puts the service between the database and the doors, and opens these. */
const serve = async ({ config, certificate, logger, brokers, database }: Opened): Promise<Hub> => {
  const warn = warner(logger);
  const { stores } = database;
  const { store } = stores;
  const owner = await openOwnerKey(config);
  const keys = await openKeyProvider(config);
  const metrics = makeServiceMetrics(() => service);
  const directory = new Directory(store, warn);
  const wiper = database.wipe && new ErasureWiper(database.wipe, logger);
  const service = new CoordinationService({
    ...retentionOf(config),
    store,
    keys,
    ...defined({ bus: database.bus }),
    log: warn,
    signHead: (end) => signHead({ ring: opened.ring, issuer: config.tokenIssuer, clock: service.clock }, end),
    onErased: () => wiper?.ask(),
    onAccessChanged: () => void directory.refresh(),
    onCommit: metrics.onCommit,
    onFanOut: metrics.onFanOut,
    ...brokers.hooks,
  });
  const { whispers } = brokers;
  const who = { ...owner, isShared: database.bus !== undefined, keyProvider: keys, directory, whispers };
  const opening = openAccess({ stores, service, ...who, config, log: warn });
  const opened = await orUndo(opening, () => service.stop());
  const doors = await openDoors(opened, config, certificate, metrics, logger);
  const stopService = async (): Promise<void> => {
    doors.stopRenewal();
    await opened.calls.close();
    await opened.stopAccess();
    await service.stop();
    await brokers.stop();
    await doors.closeDoors();
    await wiper?.stop();
  };
  const socketPort = await orUndo(doors.listen(), stopService);
  brokers.start(service, store);
  const url = urlOf(doors.app.server.address() as AddressInfo, certificate !== undefined);
  logger.info({ url, socketPort, dataDir: config.dataDir, databasePid: database.pid }, 'hub is serving');
  wiper?.ask();
  let stopping: Promise<void> | undefined;
  return {
    url,
    ...defined({ socketPort }),
    token: owner.ownerKey,
    ...defined({ tokenFile: owner.ownerKeyFile }),
    dataDir: config.dataDir,
    ...(database.pid === undefined ? {} : { databasePid: database.pid }),
    service,
    failed: database.failed ?? new Promise(() => undefined),
    stop: () => (stopping ??= stopService().then(() => database.stop())),
  };
};

/** Starts a hub: the database, the service, every door. Rejects with one clear line when something is in the way. */
export const startHub = async (options: StartOptions = {}): Promise<Hub> => {
  const config = readConfig(options);
  checkExposure(config);
  const certificate = config.tls && readCertificate(config.tls);
  const logger = options.logger ?? makeLogger(config.logLevel);
  const brokers = await openBrokers(config, warner(logger));
  const given = { ...options, ...defined({ openBus: brokers.openBus }) };
  const opening = openDatabase(config, given, (message, fields) => logger.info(fields ?? {}, message));
  const database = await orUndo(opening, brokers.stop);
  return orUndo(serve({ config, certificate, logger, brokers, database }), async () => {
    await brokers.stop();
    await database.stop();
  });
};
