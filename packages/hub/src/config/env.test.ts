import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ConfigError, readConfig } from './env.ts';

it('takes 24 hours and its own name for access tokens, unless told otherwise', () => {
  expect(readConfig({}, {})).toMatchObject({ tokenIssuer: 'urn:act:hub', keyRotationMs: 86_400_000 });
  expect(readConfig({}, {}).areKeysForTokensOnly).toBe(false);
  expect(readConfig({}, {})).not.toHaveProperty('oidc');
  expect(readConfig({}, {})).not.toHaveProperty('masterKeys');
  const told = {
    ACT_TOKEN_ISSUER: 'https://hub.test',
    ACT_KEY_ROTATION_HOURS: '1',
    ACT_KEYS_FOR_TOKENS_ONLY: '1',
    ACT_MASTER_KEY: 'key',
    ACT_OIDC_ISSUER: 'https://login.test',
    ACT_OIDC_AUDIENCE: 'act',
    ACT_OIDC_SCOPE: 'hub',
    ACT_OIDC_ACR: 'gold, silver',
    ACT_OIDC_AMR: 'hwk',
    ACT_OIDC_RSA_BITS_MIN: '3072',
  };
  expect(readConfig({}, told)).toMatchObject({
    tokenIssuer: 'https://hub.test',
    keyRotationMs: 3_600_000,
    areKeysForTokensOnly: true,
    masterKeys: 'key',
    oidc: {
      issuer: 'https://login.test',
      audience: 'act',
      scope: 'hub',
      acr: ['gold', 'silver'],
      amr: ['hwk'],
      rsaBitsMin: 3_072,
    },
  });
});

it('refuses half an identity provider, and keys that would never rotate', () => {
  expect(() => readConfig({}, { ACT_OIDC_ISSUER: 'https://login.test' })).toThrow(ConfigError);
  expect(() => readConfig({}, { ACT_OIDC_AUDIENCE: 'act' })).toThrow(ConfigError);
  expect(() => readConfig({}, { ACT_OIDC_AMR: 'hwk' })).toThrow(ConfigError);
  const provider = { ACT_OIDC_ISSUER: 'https://login.test', ACT_OIDC_AUDIENCE: 'act' };
  expect(() => readConfig({}, { ...provider, ACT_OIDC_RSA_BITS_MIN: '1024' })).toThrow(ConfigError);
  for (const hours of ['0', '721', '1.5', 'day'])
    expect(() => readConfig({}, { ACT_KEY_ROTATION_HOURS: hours })).toThrow(ConfigError);
});

it('takes the URL of a collector of traces, and nothing else in its place', () => {
  const at = (url: string) => readConfig({}, { OTEL_EXPORTER_OTLP_ENDPOINT: url }).otlpEndpoint;
  expect(at('http://127.0.0.1:4318')).toBe('http://127.0.0.1:4318');
  expect(at('')).toBeUndefined();
  for (const url of ['127.0.0.1:4318', 'collector', 'file:///tmp/x'])
    expect(() => at(url)).toThrow(ConfigError);
});

it('takes master keys from one place', () => {
  const command = { ACT_MASTER_KEY_COMMAND: '/usr/bin/vault read key' };
  expect(readConfig({}, command)).toMatchObject({ masterKeyCommand: '/usr/bin/vault read key' });
  expect(() => readConfig({}, { ...command, ACT_MASTER_KEY: 'key' })).toThrow(ConfigError);
});

it('keeps messages and history for ever, unless a number of days is told', () => {
  expect(readConfig({}, {})).not.toHaveProperty('messageRetentionMs');
  expect(readConfig({}, { ACT_HISTORY_RETENTION_DAYS: '0' })).not.toHaveProperty('historyRetentionMs');
  const told = { ACT_MESSAGE_RETENTION_DAYS: '30', ACT_HISTORY_RETENTION_DAYS: '1' };
  expect(readConfig({}, told)).toMatchObject({
    messageRetentionMs: 30 * 86_400_000,
    historyRetentionMs: 86_400_000,
  });
  expect(() => readConfig({}, { ACT_MESSAGE_RETENTION_DAYS: '-1' })).toThrow(ConfigError);
});

it('takes secrets from files, and says which it cannot have', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'act-env-'));
  const file = (name: string): string => join(folder, name);
  await writeFile(file('url'), 'postgres://act_app@db/act\n');
  await writeFile(file('empty'), '\n');
  expect(readConfig({}, { DATABASE_URL_FILE: file('url'), ACT_MASTER_KEY_FILE: file('url') })).toMatchObject({
    databaseUrl: 'postgres://act_app@db/act',
    masterKeys: 'postgres://act_app@db/act',
  });
  for (const name of [
    'DATABASE_URL',
    'ACT_MIGRATE_URL',
    'ACT_LISTEN_URL',
    'REDIS_URL',
    'ACT_MASTER_KEY',
    'ACT_OWNER_KEY',
  ]) {
    const both = { [name]: 'x', [`${name}_FILE`]: file('url') };
    expect(() => readConfig({}, both)).toThrow(`${name} and ${name}_FILE: set one of them`);
    expect(() => readConfig({}, { [`${name}_FILE`]: file('none') })).toThrow(ConfigError);
    expect(() => readConfig({}, { [`${name}_FILE`]: file('empty') })).toThrow('an empty file');
  }
  await rm(folder, { recursive: true });
});
