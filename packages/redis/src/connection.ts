import { setTimeout as sleep } from 'node:timers/promises';
import { createClient, ErrorReply } from '@redis/client';

/** PEM texts. */
export interface RedisTls {
  /** Of the authority that the server’s certificate is of, where Node does not know it. */
  readonly ca?: string;
  /** The hub’s own, with its key, where Redis asks for one. */
  readonly cert?: string;
  readonly key?: string;
}

export interface RedisOptions extends RedisTls {
  /** redis:// or rediss://, with user, password and number of the database where they are needed. */
  readonly url: string;
  readonly log: (message: string, fields: Record<string, unknown>) => void;
}

/** Redis answered, and cannot be used: trying again does not help. The message says what to do. */
export class RedisRefused extends Error {
  override readonly name = 'RedisRefused';
}

const CONNECT_MS_MAX = 3_000;
/** A connection on which nothing comes for so long is given up; whispers come back several times a second. */
const SILENCE_MS_MAX = 5_000;
const COMMANDS_WAITING_MAX = 1_000;
const RETRY_MS_MIN = 100;
const RETRY_MS_MAX = 2_000;
/** The first with SET … GET. */
const VERSION_MIN = '6.2';

const clientOf = (
  { url, ca, cert, key }: RedisOptions,
  reconnectStrategy: (retries: number, cause: Error) => number | Error,
) =>
  createClient({
    url,
    // Whoever calls while it is away is told so at once.
    disableOfflineQueue: true,
    commandsQueueMaxLength: COMMANDS_WAITING_MAX,
    // The driver’s bound of 5 s rejects bursts; a silent connection is given up as a whole instead.
    commandOptions: { timeout: 0 },
    maintNotifications: 'disabled',
    socket: {
      connectTimeout: CONNECT_MS_MAX,
      socketTimeout: SILENCE_MS_MAX,
      reconnectStrategy,
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
    },
  });

export type Client = ReturnType<typeof clientOf>;

/** Half to all of the time that doubles with each try: hubs that lost Redis together do not come back together. */
const retryMs = (retries: number): number =>
  Math.min(RETRY_MS_MAX, RETRY_MS_MIN * 2 ** Math.min(retries, 10)) * (0.5 + Math.random() / 2);

const tooOld = (version: string): RedisRefused =>
  new RedisRefused(`the Redis of REDIS_URL is too old (${version}): it has to be ${VERSION_MIN} or later`);

const refusedBecause = (error: Error): RedisRefused | undefined => {
  const { message } = error;
  if (error instanceof ErrorReply && /unknown command|NOPROTO/i.test(message)) return tooOld('of before 6.0');
  if (
    error instanceof ErrorReply &&
    /^(WRONGPASS|NOAUTH|NOPERM|ERR .*(auth|password|DB index))/i.test(message)
  )
    return new RedisRefused(`Redis refuses (${message}): check user, password and number in REDIS_URL`);
  const { code = '' } = error as NodeJS.ErrnoException;
  if (/^(CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED|ERR_TLS_CERT)/.test(code))
    return new RedisRefused(
      `Redis does not prove who it is (${code}): name its authority by REDIS_CA_FILE, and the host as its certificate does`,
    );
  if (/^ERR_SSL_.*ALERT_.*(CERTIFICATE|UNKNOWN_CA)/.test(code))
    return new RedisRefused(
      `Redis does not take this hub (${code}): name a certificate of an authority that it trusts by REDIS_CERT_FILE and REDIS_KEY_FILE`,
    );
  return undefined;
};

/** Whether this version cannot be used. */
export const refusedAs = (version: string): RedisRefused | undefined =>
  version.localeCompare(VERSION_MIN, 'en', { numeric: true }) < 0 ? tooOld(version) : undefined;

/**
 * A connection that comes back by itself. Resolves when it is there, or when Redis does not answer: then it goes on
 * trying, and says so once.
 * @throws RedisRefused
 */
export const connect = async (options: RedisOptions): Promise<Client> => {
  const { log } = options;
  let failure: string | undefined;
  let refusal: RedisRefused | undefined;
  let [wasReached, isInBackground] = [false, false];
  let retried: () => void = () => undefined;
  const retrying = new Promise<undefined>((resolve) => (retried = () => resolve(undefined)));
  const client = clientOf(options, (retries, cause) => {
    // A Redis that took this hub once is waited for, whatever it says meanwhile.
    if (!wasReached) refusal = refusedBecause(cause);
    if (!refusal) retried();
    return refusal ?? retryMs(retries);
  });
  client.on('error', (error: Error) => {
    if (failure === undefined) log('Redis is not reached', { error: error.message || error.name });
    failure = error.message;
  });
  client.on('ready', () => {
    if (failure !== undefined) log('Redis is reached again', {});
    failure = undefined;
    wasReached = true;
  });
  const judge = async (): Promise<RedisRefused | undefined> => {
    try {
      await client.connect();
      refusal = refusedAs(String((await client.hello()).version));
    } catch {
      // The driver has an error of its own for having given up.
    }
    if (!refusal) return undefined;
    if (client.isOpen) client.destroy();
    if (isInBackground) log('Redis is not used', { error: refusal.message });
    return refusal;
  };
  const refused = await Promise.race([judge(), retrying, sleep(CONNECT_MS_MAX, undefined, { ref: false })]);
  if (refused) throw refused;
  isInBackground = true;
  return client;
};
