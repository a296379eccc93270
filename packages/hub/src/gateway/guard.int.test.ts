import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { httpRequest, rawBytes } from '../../test/http-request.ts';
import type { HttpAnswer } from '../../test/http-request.ts';
import { bearer } from '../../test/rest-door.ts';
import { silentLogger, TestHub } from '../../test/start-test-hub.ts';

const PATHS = [
  '/',
  '/v1',
  '/v1/projects',
  '/healthz',
  '/docs',
  '/openapi.json',
  '/metrics',
  '/nothing',
  '/%',
];
const ENGINE = '/socket.io/?EIO=4&transport=polling';
const PAGE = { 'accept-language': 'en', 'user-agent': 'Mozilla/5.0' };
const FRIEND = 'https://board.example';

describe('the guard before every door', () => {
  let hub: TestHub;
  const warnings: Record<string, unknown>[] = [];
  beforeAll(async () => {
    const logger = { ...silentLogger, warn: (fields: object) => void warnings.push({ ...fields }) };
    hub = await TestHub.start({ allowedOrigins: [FRIEND], logger });
  });
  afterAll(() => hub.stop());

  const send = (path: string, headers: Record<string, string>, method = 'GET'): Promise<HttpAnswer> =>
    httpRequest(`${hub.url}${path}`, { method, headers });
  /** Everything that comes back to a page which came by this name. */
  const asPage = (host: string, path: string, ...more: string[]): Promise<string> =>
    rawBytes(
      hub.url,
      [`GET ${path} HTTP/1.1`, `Host: ${host}`, 'Accept-Language: en', ...more, '', ''].join('\r\n'),
    );

  it('answers no byte to a page that was rebound to it, at any door', async () => {
    const token = `Authorization: Bearer ${hub.token}`;
    for (const path of [...PATHS, ENGINE])
      for (const host of ['rebound.test', 'localhost.evil.test:3000', 'localhost.', '127.1', 'a@localhost'])
        expect([path, host, await asPage(host, path, token)]).toEqual([path, host, '']);
    const upgrade = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'];
    const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';
    expect(await asPage('rebound.test', ENGINE.replace('polling', 'websocket'), ...upgrade, key)).toBe('');
  });

  it('answers no byte to headers that are too large, which a page can send', async () => {
    for (const host of ['rebound.test', '127.0.0.1'])
      expect(await asPage(host, '/v1', `X-Long: ${'a'.repeat(65_536)}`)).toBe('');
  });

  it('tells the log once by which name a page came', async () => {
    await asPage('typo.example', '/');
    await asPage('typo.example', '/docs');
    expect(warnings.filter(({ host }) => host === 'typo.example')).toHaveLength(1);
  });

  it('names the refusal to programs', async () => {
    for (const headers of [{}, { 'accept-language': '*', 'sec-fetch-mode': 'cors' }]) {
      const answer = await send('/v1/projects', { host: 'other.example', ...bearer(hub), ...headers });
      expect([answer.status, JSON.parse(answer.text)]).toMatchObject([403, { code: 'forbidden_host' }]);
    }
  });

  it('tells of health by any address, as probes ask, but by no other name', async () => {
    for (const path of ['/healthz', '/readyz']) {
      for (const host of ['10.0.0.7:3000', '[fe80::1]:3000', '[::1]', 'localhost'])
        expect((await send(path, { host, ...PAGE })).status).toBe(200);
      expect((await send(path, { host: 'evil.example' })).status).toBe(403);
      expect((await send(path, { origin: 'https://evil.example' })).status).toBe(403);
    }
    expect((await send('/v1', { host: '10.0.0.7', ...bearer(hub) })).status).toBe(403);
  });

  it('lets pages of allowed origins read answers, refusals among them, and no others', async () => {
    for (const path of PATHS) {
      const allowed = await send(path, { ...bearer(hub), origin: FRIEND, 'sec-fetch-site': 'cross-site' });
      expect([path, allowed.headers['access-control-allow-origin']]).toEqual([path, FRIEND]);
      expect(allowed.headers['vary']).toContain('origin');
      expect(allowed.headers['access-control-allow-credentials']).toBeUndefined();
      for (const origin of [
        'https://evil.example',
        `${FRIEND}.evil.example`,
        'https://BOARD.example',
        'null',
      ]) {
        const other = await send(path, { ...bearer(hub), origin });
        expect([path, other.status]).toEqual([path, 403]);
        expect(Object.keys(other.headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
      }
    }
    const unauthorized = await send('/v1/projects', { origin: FRIEND });
    expect(unauthorized.status).toBe(401);
    expect(unauthorized.headers['access-control-allow-origin']).toBe(FRIEND);
  });

  it('answers preflights of allowed origins without a token, and refuses others', async () => {
    const asked = {
      'access-control-request-method': 'PUT',
      'access-control-request-headers': 'authorization,content-type,idempotency-key',
      'access-control-request-private-network': 'true',
    };
    const allowed = await send('/v1/projects', { ...asked, origin: FRIEND }, 'OPTIONS');
    expect(allowed.status).toBe(204);
    expect(allowed.headers).toMatchObject({
      'access-control-allow-origin': FRIEND,
      'access-control-allow-methods': expect.stringContaining('PUT'),
      'access-control-allow-headers': expect.stringContaining('idempotency-key'),
      'access-control-allow-private-network': 'true',
    });
    const other = await send('/v1/projects', { ...asked, origin: 'https://evil.example' }, 'OPTIONS');
    expect(other.status).toBe(403);
    expect(Object.keys(other.headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
  });
});
