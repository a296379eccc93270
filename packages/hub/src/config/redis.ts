import { givenSecret } from './given-secret.ts';
import { ConfigError } from './integer.ts';

/** The Redis that hubs share besides the database. */
export interface RedisConfig {
  readonly url: string;
  /** In PEM form. */
  readonly caFile?: string;
  /** The network to it is nobody else’s, so that it need not be encrypted. */
  readonly isInClear: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The URL may hold a password: it is in no message. */
const checkUrl = (text: string): void => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isRedis = url?.protocol === 'redis:' || url?.protocol === 'rediss:';
  if (!url || !isRedis || url.hostname === '' || !/^\/?\d*$/.test(url.pathname))
    throw new ConfigError(
      'REDIS_URL must be redis://HOST:PORT, or rediss://USER:PASSWORD@HOST:PORT/NUMBER over TLS; in passwords ' +
        'all but letters and digits is written as %XX',
    );
};

/** Absent where there is none; throws ConfigError. */
export const readRedis = (env: Environment): RedisConfig | undefined => {
  const url = givenSecret('REDIS_URL', env);
  const caFile = env['REDIS_CA_FILE'];
  if (url === undefined) {
    if (caFile) throw new ConfigError('REDIS_CA_FILE needs REDIS_URL: set it, or neither');
    return undefined;
  }
  checkUrl(url);
  if (caFile && !url.startsWith('rediss:'))
    throw new ConfigError('REDIS_CA_FILE is for TLS: let REDIS_URL begin with rediss://');
  return { url, ...(caFile ? { caFile } : {}), isInClear: env['REDIS_IN_CLEAR'] === '1' };
};
