import { expect, it } from 'vitest';
import { readRedis } from './config/redis.ts';
import { openRedis } from './open-redis.ts';

const open = async (env: Record<string, string>): Promise<void> => {
  const config = readRedis(env);
  if (!config) throw new Error('no URL');
  await (await openRedis(config, () => undefined)).stop();
};

it('refuses a Redis that is reached over a network in the clear, unless nobody else is on it', async () => {
  for (const host of ['redis.test', '10.0.0.1', '[fd00::1]'])
    await expect(open({ REDIS_URL: `redis://:secret@${host}:6379` })).rejects.toThrow(
      /^REDIS_URL reaches [^ ]+ over a network without TLS: let it begin with rediss:\/\/[^\n]*$/,
    );
  // Nothing listens there: such a Redis is waited for.
  await open({ REDIS_URL: 'redis://127.0.0.1:1' });
  await open({ REDIS_URL: 'rediss://[::1]:1' });
  await open({ REDIS_URL: 'redis://redis.invalid', REDIS_IN_CLEAR: '1' });
}, 20_000);

it('refuses a file that cannot be read, in one line', async () => {
  await expect(open({ REDIS_URL: 'rediss://redis.test', REDIS_CA_FILE: '/nowhere.pem' })).rejects.toThrow(
    /^REDIS_CA_FILE: \/nowhere\.pem cannot be read \(ENOENT\)/,
  );
});
