import pino from 'pino';
import type { Logger } from 'pino';

/** What the hub uses of a logger; a terminal can bring its own. */
export type HubLogger = Pick<Logger, 'info' | 'warn' | 'error'>;

/** One line of JSON per event. Tokens and contents never get here; the authorization header is cut out all the same. */
export const makeLogger = (level: string): Logger =>
  pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: ['req.headers.authorization', 'token'],
  });
