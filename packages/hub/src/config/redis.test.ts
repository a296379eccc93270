import { expect, it } from 'vitest';
import { ConfigError } from './integer.ts';
import { readRedis } from './redis.ts';

it('has no Redis unless its URL is given', () => {
  expect(readRedis({})).toBeUndefined();
  expect(readRedis({ REDIS_URL: '', REDIS_IN_CLEAR: '1' })).toBeUndefined();
});

it('takes a URL, with all that may be in it', () => {
  expect(readRedis({ REDIS_URL: 'redis://127.0.0.1:6379' })).toEqual({
    url: 'redis://127.0.0.1:6379',
    isInClear: false,
  });
  const told = {
    REDIS_URL: 'rediss://u:p%40@r.test:6380/3',
    REDIS_CA_FILE: '/ca',
    REDIS_CERT_FILE: '/cert',
    REDIS_KEY_FILE: '/key',
  };
  expect(readRedis(told)).toEqual({
    url: told.REDIS_URL,
    caFile: '/ca',
    certFile: '/cert',
    keyFile: '/key',
    isInClear: false,
  });
});

it('refuses what is no URL of a Redis, in one line that does not tell the password', () => {
  const bad: Record<string, string>[] = [
    ...[
      'r.test:6379',
      'http://:secret@r.test',
      'redis://',
      'redis:///0',
      'redis://:secret@r.test/x',
      'redis://:sec#ret@r.test/1/2',
      'redis://:secret@r.test:99999',
    ].map((url) => ({ REDIS_URL: url })),
    { REDIS_CA_FILE: '/ca' },
    { REDIS_CERT_FILE: '/cert', REDIS_KEY_FILE: '/key' },
    { REDIS_URL: 'rediss://r.test', REDIS_CERT_FILE: '/cert' },
    { REDIS_URL: 'rediss://r.test', REDIS_KEY_FILE: '/key' },
    { REDIS_URL: 'redis://r.test', REDIS_CERT_FILE: '/cert', REDIS_KEY_FILE: '/key' },
    { REDIS_URL: 'redis://r.test', REDIS_CA_FILE: '/ca' },
  ];
  for (const env of bad) {
    expect(() => readRedis(env)).toThrow(ConfigError);
    expect(() => readRedis(env)).not.toThrow(/secret|\n/);
  }
});
