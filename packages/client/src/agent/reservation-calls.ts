import type { Session } from './session.ts';
import type { ActAgent } from './types.ts';

/** Reserving regions of files and giving them back. */
export const makeReservationCalls = (
  session: Session,
): Pick<ActAgent, 'reserve' | 'releaseReservations'> => ({
  reserve(regions, { taskId, mode, wait, reason, ...options } = {}) {
    const said = {
      ...(taskId === undefined ? {} : { taskId }),
      ...(mode === undefined ? {} : { mode }),
      ...(wait === undefined ? {} : { wait }),
      ...(reason === undefined ? {} : { reason }),
    };
    return session.command('reservation.request', (sessionId) => ({ sessionId, regions, ...said }), options);
  },
  releaseReservations: (what = {}, options) =>
    session.command('reservation.release', (sessionId) => ({ ...what, sessionId }), options),
});
