import { givenSecret } from './given-secret.ts';
import { ConfigError } from './integer.ts';

/** The Redis that hubs share besides the database. Files in PEM form. */
export interface RedisConfig {
  readonly url: string;
  readonly caFile?: string;
  /** The hub’s own, where Redis asks for one. */
  readonly certFile?: string;
  readonly keyFile?: string;
  /** The network to it is nobody else’s, so that it need not be encrypted. */
  readonly isInClear: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

const FOR_TLS = ['REDIS_CA_FILE', 'REDIS_CERT_FILE', 'REDIS_KEY_FILE'] as const;

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
  const given = FOR_TLS.find((name) => env[name]);
  if (url === undefined) {
    if (given) throw new ConfigError(`${given} needs REDIS_URL: set it, or neither`);
    return undefined;
  }
  checkUrl(url);
  if (given && !url.startsWith('rediss:'))
    throw new ConfigError(`${given} is for TLS: let REDIS_URL begin with rediss://`);
  const [caFile, certFile, keyFile] = FOR_TLS.map((name) => env[name]);
  if (Boolean(certFile) !== Boolean(keyFile))
    throw new ConfigError(
      'REDIS_CERT_FILE and REDIS_KEY_FILE go together: set both to PEM files, or neither',
    );
  return {
    url,
    ...(caFile ? { caFile } : {}),
    ...(certFile && keyFile ? { certFile, keyFile } : {}),
    isInClear: env['REDIS_IN_CLEAR'] === '1',
  };
};
