import {
  createDatabaseIfMissing,
  makePostgresTokenStores,
  migrate,
  NotifyBus,
  openLineTo,
  openPostgresStore,
  startEmbedded,
  wipeErased,
} from '@agentmix/act-postgres';
import type { ConnectionOptions, EmbeddedServer } from '@agentmix/act-postgres';
import type { Bus } from '@agentmix/act-core';
import { ConfigError } from './config/env.ts';
import type { HubConfig } from './config/env.ts';
import type { Stores } from './open-access.ts';

export interface DatabaseOptions {
  /** Others than PostgreSQL: for measuring what the database costs. */
  readonly stores?: Stores;
  /** With `stores` that other hubs write to. */
  readonly bus?: Bus;
  /** In place of LISTEN and NOTIFY, where several hubs may serve. */
  readonly openBus?: () => Bus;
  /** Directory of another PostgreSQL’s programs for the embedded server. */
  readonly postgresBinDir?: string;
}

export interface Database {
  readonly stores: Stores;
  /** Where other hubs may serve from the same database; absent: this one has it to itself. */
  readonly bus?: Bus;
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
  options: DatabaseOptions,
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

/** What is in the database crosses no network for everyone to read: throws ConfigError. */
const checkLines = ({ databaseUrl, migrateUrl, listenUrl, isDatabaseInClear }: HubConfig): void => {
  if (isDatabaseInClear) return;
  const urls = { DATABASE_URL: databaseUrl, ACT_MIGRATE_URL: migrateUrl, ACT_LISTEN_URL: listenUrl };
  for (const [name, url] of Object.entries(urls)) {
    const host = url === undefined ? undefined : openLineTo(url);
    if (host !== undefined)
      throw new ConfigError(
        `${name} reaches ${host} over a network, and does not say that the server has to prove who it is: add ` +
          'sslmode=verify-full, and sslrootcert=FILE where its certificate is of an authority of your own; or set ' +
          'ACT_DATABASE_IN_CLEAR=1 where nobody else is on that network',
      );
  }
};

/** Makes the schema of the database that the configuration names, and does nothing else. Returns the numbers applied. */
export const migrateDatabase = async (config: HubConfig): Promise<number[]> => {
  const url = config.migrateUrl ?? config.databaseUrl;
  if (url === undefined)
    throw new ConfigError('ACT_MIGRATE_URL: set it to the URL of a user who may make the schema');
  checkLines(config);
  return migrate({ connection: { url } });
};

/** The database that the configuration names, with its schema up to date: a server of its own, or the embedded one. */
export const openDatabase = async (
  config: HubConfig,
  options: DatabaseOptions,
  log: ConnectionOptions['log'],
): Promise<Database> => {
  const { stores: given, bus: givenBus } = options;
  if (given)
    return { stores: given, ...(givenBus ? { bus: givenBus } : {}), stop: () => given.store.close() };
  if (config.databaseUrl === undefined) return openEmbedded(config, options, log);
  checkLines(config);
  await migrate({ connection: { url: config.migrateUrl ?? config.databaseUrl } });
  const stores = await openStores({ connection: { url: config.databaseUrl }, log });
  const listenUrl = config.listenUrl ?? config.databaseUrl;
  const bus = options.openBus?.() ?? new NotifyBus({ connection: { url: listenUrl }, log });
  return { stores, bus, stop: () => bus.close().then(() => stores.close()) };
};
