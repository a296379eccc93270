import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { join } from 'node:path';
import type { Store } from '@agentmix/act-core';
import { createDatabaseIfMissing, migrate, openPostgresStore, startEmbedded } from '@agentmix/act-postgres';
import type { ConnectionOptions, EmbeddedServer } from '@agentmix/act-postgres';
import { CoordinationService } from './app/coordination-service.ts';
import { readConfig } from './config/env.ts';
import type { HubConfig } from './config/env.ts';
import { makeAdmission } from './gateway/admission.ts';
import { makeServer } from './gateway/server.ts';
import { addSocketIo } from './gateway/socket/socket-io.ts';
import { makeLogger } from './observe/logger.ts';
import type { HubLogger } from './observe/logger.ts';
import { makeMetrics } from './observe/metrics.ts';
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

export interface StartOptions extends Partial<HubConfig> {
  readonly logger?: HubLogger;
  /** Another store than PostgreSQL: for measuring what the database costs. */
  readonly store?: Store;
  /** Directory of another PostgreSQL’s programs for the embedded server. */
  readonly postgresBinDir?: string;
}

interface Database {
  readonly store: Store;
  readonly pid?: number;
  readonly failed?: Promise<string>;
  readonly stop: () => Promise<void>;
}

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
    const store = await openPostgresStore({ connection: { socketDir, port, user: 'act_app' }, log });
    return {
      store,
      pid: server.pid,
      failed: new Promise((resolve) => server.onExit(resolve)),
      stop: async () => {
        await store.close();
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
  if (options.store) return { store: options.store, stop: () => options.store?.close() ?? Promise.resolve() };
  if (config.databaseUrl === undefined) return openEmbedded(config, options, log);
  await migrate({ connection: { url: config.migrateUrl ?? config.databaseUrl } });
  const store = await openPostgresStore({ connection: { url: config.databaseUrl }, log });
  return { store, stop: () => store.close() };
};

/** How long WebSocket clients have to say goodbye. */
const STOP_GRACE_MS = 500;

/** Starts a hub: the database, the service, every door. Rejects with one clear line when something is in the way. */
export const startHub = async (options: StartOptions = {}): Promise<Hub> => {
  const config = readConfig(options);
  const logger = options.logger ?? makeLogger(config.logLevel);
  const log: ConnectionOptions['log'] = (message, fields) => logger.info(fields ?? {}, message);
  const database = await openDatabase(config, options, log);
  try {
    const tokenFile = join(config.dataDir, TOKEN_FILE);
    const token = await readOrMintToken(tokenFile);
    const metrics = makeMetrics({
      queueDepth: () => service.lanes.depth,
      subscribers: () => service.fanOut.subscribers,
      delivered: () => service.fanOut.delivered,
    });
    const service = new CoordinationService({
      store: database.store,
      retentionMs: config.retentionMs,
      log: (message, fields) => logger.warn(fields, message),
      onCommit: metrics.onCommit,
    });
    const admission = makeAdmission({
      token,
      allowedHosts: config.allowedHosts,
      allowedOrigins: config.allowedOrigins,
    });
    const app = await makeServer(service, admission, metrics, logger);
    const io = addSocketIo(app.server, service, admission, metrics);
    const upgraded = new Set<Duplex>();
    app.server.on('upgrade', (_request, socket: Duplex) => {
      upgraded.add(socket);
      socket.once('close', () => upgraded.delete(socket));
    });
    const stopService = async (): Promise<void> => {
      await service.stop();
      const closed = io.close();
      // Engine and HTTP server wait for their connections; those without a call in hand, or that do not read, never end.
      app.server.closeAllConnections();
      const cut = setTimeout(() => upgraded.forEach((socket) => socket.destroy()), STOP_GRACE_MS);
      await closed;
      clearTimeout(cut);
      await app.close();
    };
    try {
      await app.listen({ host: config.host, port: config.port });
    } catch (error) {
      await stopService();
      throw error;
    }
    const { address, family, port } = app.server.address() as AddressInfo;
    const name = family === 'IPv6' ? `[${address}]` : address;
    logger.info(
      { url: `http://${name}:${port}`, dataDir: config.dataDir, databasePid: database.pid },
      'hub is serving',
    );
    let stopping: Promise<void> | undefined;
    return {
      url: `http://${name}:${port}`,
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
