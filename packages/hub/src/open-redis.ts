import type { Bus, LeaseOfSession, Store, Whispers } from '@agentmix/act-core';
import type { RedisTls } from '@agentmix/act-redis';
import { uuidv7 } from 'uuidv7';
import { startBoardKeeper } from './app/board-keeper.ts';
import type { BoardKeeper } from './app/board-keeper.ts';
import type { CoordinationService } from './app/coordination-service.ts';
import { ConfigError } from './config/integer.ts';
import { pem } from './config/pem.ts';
import type { RedisConfig } from './config/redis.ts';
import { isLoopback } from './gateway/tls/exposure.ts';

export interface OpenRedis {
  readonly bus: Bus;
  readonly whispers: Whispers;
  /** Begins to show this service’s projects to programs outside. */
  readonly show: (service: CoordinationService, store: Pick<Store, 'liveState'>) => void;
  readonly stateChanged: (projectId: string) => void;
  readonly heard: (sessions: readonly LeaseOfSession[]) => void;
  readonly stop: () => Promise<void>;
}

/** What hubs tell each other, and what is shown, crosses no network for everyone to read: throws ConfigError. */
const checkLine = ({ url, isInClear }: RedisConfig): void => {
  const { protocol, hostname } = new URL(url);
  if (protocol === 'rediss:' || isInClear || isLoopback(hostname)) return;
  throw new ConfigError(
    `REDIS_URL reaches ${hostname} over a network without TLS: let it begin with rediss://, and set REDIS_CA_FILE ` +
      'where its certificate is of an authority of your own; or REDIS_IN_CLEAR=1 where nobody else is on that network',
  );
};

const tlsOf = ({ caFile, certFile, keyFile }: RedisConfig): RedisTls => ({
  ...(caFile === undefined ? {} : { ca: pem('REDIS_CA_FILE', caFile) }),
  ...(certFile === undefined ? {} : { cert: pem('REDIS_CERT_FILE', certFile) }),
  ...(keyFile === undefined ? {} : { key: pem('REDIS_KEY_FILE', keyFile) }),
});

const keeperOf = (
  board: Parameters<typeof startBoardKeeper>[0]['board'],
  { lanes }: CoordinationService,
  store: Pick<Store, 'liveState'>,
  log: (message: string, fields: Record<string, unknown>) => void,
): BoardKeeper =>
  startBoardKeeper({
    board,
    store,
    log,
    projectIds: function* () {
      for (const { projectId, state } of lanes.all()) if (state) yield projectId;
    },
    agentOf: ({ projectId, sessionId }) => lanes.peek(projectId)?.state?.sessions.get(sessionId)?.agentId,
  });

/** The Redis that the configuration names. Its driver is loaded here, by those hubs only that need it. */
export const openRedis = async (
  config: RedisConfig,
  log: (message: string, fields: Record<string, unknown>) => void,
): Promise<OpenRedis> => {
  checkLine(config);
  const driver = await import('@agentmix/act-redis');
  const redis = await driver
    .openRedis({ url: config.url, ...tlsOf(config), hubId: uuidv7(), log })
    .catch((error: unknown) => {
      throw error instanceof driver.RedisRefused ? new ConfigError(error.message) : error;
    });
  let keeper: BoardKeeper | undefined;
  return {
    bus: redis.bus,
    whispers: redis.whispers,
    show: (service, store) => void (keeper = keeperOf(redis.board, service, store, log)),
    stateChanged: (projectId) => keeper?.stateChanged(projectId),
    heard: (sessions) => keeper?.heard(sessions),
    stop: async () => {
      // What is under way with a Redis that stands still ends with the connection.
      await Promise.all([keeper?.stop(), redis.close()]);
    },
  };
};
