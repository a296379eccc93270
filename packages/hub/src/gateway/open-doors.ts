import type { HubConfig } from '../config/env.ts';
import type { HubLogger } from '../observe/logger.ts';
import type { Metrics } from '../observe/metrics.ts';
import type { OpenAccess } from '../open-access.ts';
import { makeDoorCloser } from './close-doors.ts';
import { makeGuard } from './guard.ts';
import { makeKeeper } from './limits/keeper.ts';
import { makeMalformedAnswer } from './malformed.ts';
import { makeJudge } from './origin.ts';
import { responseWith } from './security-headers.ts';
import { makeServer } from './server.ts';
import { addSocketIo } from './socket/socket-io.ts';
import type { Certificate } from './tls/certificate.ts';
import { isStrictHost } from './tls/exposure.ts';
import { keepCertificate } from './tls/renewal.ts';

export interface DoorParts extends Pick<OpenAccess, 'calls' | 'gate' | 'desk' | 'ring'> {
  readonly access: Pick<OpenAccess['access'], 'watch'>;
}

/** Every door, on one server that does not listen yet. */
export const openDoors = async (
  opened: DoorParts,
  config: HubConfig,
  certificate: Certificate | undefined,
  metrics: Metrics,
  logger: HubLogger,
) => {
  const isProxied = config.isTlsTerminated;
  const keeper = makeKeeper(config.limits, isProxied, opened.gate);
  const isTls = isProxied || certificate !== undefined;
  const guard = makeGuard(makeJudge(config), responseWith(isTls), (fields, message) =>
    logger.warn(fields, message),
  );
  const answerMalformed = makeMalformedAnswer(config.allowedHosts.some((host) => isStrictHost(host, isTls)));
  const parts = { ...opened, guard, answerMalformed, keeper, certificate, metrics, logger };
  const app = await makeServer(parts);
  const stopRenewal = keepCertificate(app.server, config.tls, logger);
  const io = addSocketIo(app.server, opened.calls, opened.access, guard, keeper, metrics, logger);
  return { app, stopRenewal, closeDoors: makeDoorCloser(app, io) };
};
