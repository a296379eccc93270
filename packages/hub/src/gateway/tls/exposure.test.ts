import { describe, expect, it } from 'vitest';
import { readConfig } from '../../config/env.ts';
import { checkExposure, isLoopback, isStrictHost } from './exposure.ts';

const configOf = (env: Record<string, string>) => readConfig({}, { ...env });
const TLS = { ACT_TLS_CERT: '/c.pem', ACT_TLS_KEY: '/k.pem' };

describe('an address', () => {
  it('is of this machine alone when it is a loopback one, however it is written', () => {
    for (const host of [
      '127.0.0.1',
      '127.8.9.1',
      '::1',
      '[::1]',
      'localhost',
      'LOCALHOST',
      '0:0:0:0:0:0:0:1',
    ])
      expect([host, isLoopback(host)]).toEqual([host, true]);
    for (const host of [
      '0.0.0.0',
      '::',
      '192.168.1.1',
      '10.0.0.1',
      'fe80::1',
      'hub.example',
      'localhost.example',
    ])
      expect([host, isLoopback(host)]).toEqual([host, false]);
  });
  it('that others reach needs TLS, here or in front of the hub; the error says so in one line', () => {
    for (const host of ['0.0.0.0', '::', '192.0.2.1', 'hub.example']) {
      expect(() => checkExposure(configOf({ ACT_HOST: host }))).toThrow(
        /^ACT_HOST .*ACT_TLS_CERT.*ACT_TLS_TERMINATED=1[^\n]*$/,
      );
      checkExposure(configOf({ ACT_HOST: host, ...TLS }));
      checkExposure(configOf({ ACT_HOST: host, ACT_TLS_TERMINATED: '1' }));
    }
    checkExposure(configOf({}));
  });
});

describe('certificate files', () => {
  it('come in pairs', () => {
    for (const env of [{ ACT_TLS_CERT: '/c' }, { ACT_TLS_KEY: '/k' }, { ACT_TLS_CLIENT_CA: '/a' }])
      expect(() => configOf(env)).toThrow(/ACT_TLS_CERT and ACT_TLS_KEY go together/);
    expect(configOf(TLS).tls).toEqual({ certFile: '/c.pem', keyFile: '/k.pem' });
  });
});

describe('Strict-Transport-Security', () => {
  it('is for names that are served by TLS', () => {
    expect(isStrictHost('hub.example:3000', true)).toBe(true);
    expect(isStrictHost('hub.example', false)).toBe(false);
  });
  it('is never said about this machine, nor about addresses', () => {
    for (const host of [
      'localhost:3000',
      '127.0.0.1',
      '192.0.2.1:3000',
      '[::1]:3000',
      '[2001:db8::1]',
      '',
      undefined,
    ])
      expect([host, isStrictHost(host, true)]).toEqual([host, false]);
  });
});
