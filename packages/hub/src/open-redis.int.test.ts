import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { choosePort, hasRedis, startRedis } from '@agentmix/act-testing/engines';
import type { RedisServer } from '@agentmix/act-testing/engines';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeAuthority } from '../test/certificates.ts';
import type { Authority } from '../test/certificates.ts';
import { readRedis } from './config/redis.ts';
import { openRedis } from './open-redis.ts';

const open = async (env: Record<string, string>) => {
  const config = readRedis(env);
  if (!config) throw new Error('no URL');
  return openRedis(config, () => undefined);
};

describe.skipIf(!hasRedis())('a Redis that speaks TLS', () => {
  let folder: string;
  let redis: RedisServer;
  let caFile: string;
  let port: number;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'act-redis-tls-'));
    const authority = makeAuthority(folder);
    const { certFile, keyFile } = authority.issue('redis');
    caFile = authority.caFile;
    port = await choosePort();
    redis = await startRedis({
      'tls-port': String(port),
      'tls-cert-file': certFile,
      'tls-key-file': keyFile,
      'tls-ca-cert-file': caFile,
      'tls-auth-clients': 'no',
    });
  });
  afterAll(async () => {
    await redis.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('is used when it proves who it is', async () => {
    const opened = await open({ REDIS_URL: `rediss://127.0.0.1:${port}`, REDIS_CA_FILE: caFile });
    await expect.poll(() => opened.bus.isHearing, { timeout: 5_000 }).toBe(true);
    await opened.stop();
  });

  it('is refused when it does not, in one line that says what to do', async () => {
    const other = makeAuthority(folder, 'other').caFile;
    const url = `rediss://127.0.0.1:${port}`;
    for (const env of [{ REDIS_URL: url }, { REDIS_URL: url, REDIS_CA_FILE: other }])
      await expect(open(env)).rejects.toThrow(
        /^Redis does not prove who it is \(\w+\): name [^\n]*REDIS_CA_FILE/,
      );
  });
});

describe.skipIf(!hasRedis())('a Redis that asks hubs for a certificate', () => {
  let folder: string;
  let authority: Authority;
  let redis: RedisServer;
  let env: Record<string, string>;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'act-redis-mutual-'));
    authority = makeAuthority(folder);
    const { certFile, keyFile } = authority.issue('redis');
    const port = await choosePort();
    redis = await startRedis({
      'tls-port': String(port),
      'tls-cert-file': certFile,
      'tls-key-file': keyFile,
      'tls-ca-cert-file': authority.caFile,
      'tls-auth-clients': 'yes',
    });
    env = { REDIS_URL: `rediss://127.0.0.1:${port}`, REDIS_CA_FILE: authority.caFile };
  });
  afterAll(async () => {
    await redis.stop();
    await rm(folder, { recursive: true, force: true });
  });
  const showing = ({ issue }: Authority, name: string): Record<string, string> => {
    const { certFile, keyFile } = issue(name);
    return { ...env, REDIS_CERT_FILE: certFile, REDIS_KEY_FILE: keyFile };
  };

  it('is used by a hub that shows its own', async () => {
    const opened = await open(showing(authority, 'hub'));
    await expect.poll(() => opened.bus.isHearing, { timeout: 5_000 }).toBe(true);
    await opened.stop();
  });

  it('refuses a hub that shows none, or another authority’s, in one line that says what to do', async () => {
    const other = makeAuthority(folder, 'other');
    for (const wrong of [env, showing(other, 'stranger')])
      await expect(open(wrong)).rejects.toThrow(
        /^Redis does not take this hub \(\w+\): name [^\n]*REDIS_CERT_FILE and REDIS_KEY_FILE$/,
      );
  });
});
