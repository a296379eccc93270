import type { TLSSocket } from 'node:tls';
import type { HubConfig } from '../config/env.ts';
import type { HubLogger } from '../observe/logger.ts';
import type { Metrics } from '../observe/metrics.ts';
import { makeRefusalLog, REFUSAL_WINDOW_MS } from '../observe/refusal-log.ts';
import type { Refused } from '../observe/refusal-log.ts';
import type { OpenAccess } from '../open-access.ts';
import { makeDoorCloser } from './close-doors.ts';
import { makeLoad } from './graphql/graphql-door.ts';
import { addWebSockets } from './graphql/live/web-sockets.ts';
import { makeGuard } from './guard.ts';
import { BACKLOG_CONNECTIONS_MAX } from './http-server.ts';
import { addressKey, callerAddress } from './limits/address.ts';
import { makeKeeper } from './limits/keeper.ts';
import { makeMalformedAnswer } from './malformed.ts';
import { makeJudge } from './origin.ts';
import type { Admitted } from './rest/tokens.ts';
import { responseWith } from './security-headers.ts';
import { makeServer } from './server.ts';
import { addSocketIo } from './socket/socket-io.ts';
import { listenOn, makeSocketServer } from './socket/socket-port.ts';
import type { Certificate } from './tls/certificate.ts';
import { isStrictHost } from './tls/exposure.ts';
import { keepCertificate } from './tls/renewal.ts';

export interface DoorParts extends Pick<OpenAccess, 'calls' | 'gate' | 'desk' | 'ring'> {
  readonly access: Pick<OpenAccess['access'], 'watch'>;
}

/** Every door, on one server, and Socket.IO on another where a port of its own is wanted; neither listens yet. */
export const openDoors = async (
  opened: DoorParts,
  config: HubConfig,
  certificate: Certificate | undefined,
  metrics: Metrics,
  logger: HubLogger,
) => {
  const isProxied = config.isTlsTerminated;
  const keeper = makeKeeper(config.limits, isProxied, opened.gate, opened.calls.service.overload);
  const isTls = isProxied || certificate !== undefined;
  const guard = makeGuard(makeJudge(config), responseWith(isTls), (fields, message) =>
    logger.warn(fields, message),
  );
  const answerMalformed = makeMalformedAnswer(config.allowedHosts.some((host) => isStrictHost(host, isTls)));
  const refusals = makeRefusalLog((fields, message) => logger.warn(fields, message));
  const refused: Refused = (request, call) =>
    refusals.note({ ...call, address: callerAddress(request, isProxied) });
  const admitted: Admitted = (request, operation, memberId) =>
    logger.info(
      { operation, memberId, address: callerAddress(request, isProxied) },
      `${operation} succeeded`,
    );
  const observers = { metrics, logger, refused };
  const loadGraphql = makeLoad({ ...opened, ...observers, keeper });
  const parts = {
    ...opened,
    ...observers,
    admitted,
    guard,
    answerMalformed,
    keeper,
    certificate,
    loadGraphql,
    dataDir: config.dataDir,
  };
  const app = await makeServer(parts);
  const telling = setInterval(refusals.flush, REFUSAL_WINDOW_MS);
  app.addHook('onClose', () => {
    clearInterval(telling);
    refusals.flush();
  });
  app.server.on('tlsClientError', (error: NodeJS.ErrnoException, { remoteAddress }: TLSSocket) =>
    refusals.note({
      code: 'tls_failed',
      door: 'tls',
      address: addressKey(remoteAddress),
      operation: error.code ?? 'unknown',
    }),
  );
  const { host, port, socketPort } = config;
  const apart =
    socketPort === undefined
      ? undefined
      : makeSocketServer({ main: app.server, guard, keeper, answerMalformed, certificate });
  const renewals = [app.server, ...(apart ? [apart] : [])].map((server) =>
    keepCertificate(server, config.tls, logger),
  );
  const io = addSocketIo(app.server, opened.calls, opened.access, guard, keeper, observers);
  const closeWebSockets = addWebSockets(app.server, guard, keeper, loadGraphql);
  return {
    app,
    /** Resolves with the port of Socket.IO alone, where there is one. */
    listen: async (): Promise<number | undefined> => {
      await app.listen({ host, port, backlog: BACKLOG_CONNECTIONS_MAX });
      return apart && listenOn(apart, host, socketPort ?? 0);
    },
    stopRenewal: (): void => renewals.forEach((stop) => stop()),
    closeDoors: makeDoorCloser(app, io, closeWebSockets, apart),
  };
};
