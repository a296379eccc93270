import { get } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { uuidv7 } from 'uuidv7';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { queryNames, routedCommands, routeOf } from '../../test/contract.ts';
import { handshakeOf } from '../../test/handshake.ts';
import { httpRequest, rawBytes } from '../../test/http-request.ts';
import { bearer, openRest } from '../../test/rest-door.ts';
import { NO_RATE_LIMITS, TestHub } from '../../test/start-test-hub.ts';
import { makeProject } from '../../test/world.ts';

const ROUTES = [
  ...[...routedCommands, ...queryNames].map((name) => routeOf(name)),
  { method: 'GET', path: '/projects/{projectId}/events' },
].map(({ method, path }) => [method, `/v1${path.replaceAll(/\{\w+\}/g, uuidv7())}`] as const);
const OTHERS = ['/v1', '/metrics', '/healthz', '/readyz', '/openapi.json', '/', '/nothing', '/v1/%ff', '/%'];
const POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Headers of a stream that stays open, as soon as they are there. */
const streamHeaders = (url: string, headers: Record<string, string>): Promise<IncomingHttpHeaders> =>
  new Promise((resolve, reject) => {
    const opened = get(url, { headers }, (response) => {
      resolve({ ...response.headers, ':status': String(response.statusCode) });
      opened.destroy();
    });
    opened.on('error', reject);
  });

const headersIn = (received: string): IncomingHttpHeaders =>
  Object.fromEntries(
    [...received.matchAll(/^([\w-]+): (.*)\r$/gm)].map(([, name = '', value]) => [name.toLowerCase(), value]),
  );

describe('security headers', () => {
  let hub: TestHub;
  beforeAll(async () => {
    hub = await TestHub.start({ allowedOrigins: ['https://board.example'] });
  });
  afterAll(() => hub.stop());

  const expectHeaders = (what: string, headers: IncomingHttpHeaders): void => {
    const { 'content-security-policy': policy, ...rest } = headers;
    expect([what, rest]).toEqual([
      what,
      expect.objectContaining({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-resource-policy': 'same-origin',
        'cross-origin-opener-policy': 'same-origin',
      }),
    ]);
    for (const directive of POLICY.split('; '))
      expect([what, policy]).toEqual([what, expect.stringContaining(directive)]);
    const telling = ['server', 'x-powered-by', 'set-cookie', 'strict-transport-security'];
    expect([what, Object.keys(rest).filter((name) => telling.includes(name))]).toEqual([what, []]);
  };

  it('are on the answer of every route of the contract, with a token and without', async () => {
    for (const [method, path] of ROUTES)
      for (const headers of [{}, bearer(hub), { origin: 'https://evil.example' }, { host: 'evil.example' }]) {
        const answer = await httpRequest(`${hub.url}${path}`, { method, headers });
        expectHeaders(`${method} ${path}`, answer.headers);
        expect(answer.headers['cache-control']).toBe('no-store');
        expect(answer.headers['content-security-policy']).toBe(POLICY);
      }
  });

  it('are on everything else, with whatever method and Host', async () => {
    for (const path of OTHERS)
      for (const method of ['GET', 'HEAD', 'OPTIONS', 'POST', 'DELETE', 'TRACE'])
        for (const headers of [bearer(hub), { ...bearer(hub), host: 'evil.example' }]) {
          const answer = await httpRequest(`${hub.url}${path}`, { method, headers });
          expectHeaders(`${method} ${path}`, answer.headers);
          expect(answer.headers['cache-control']).toBe('no-store');
        }
  });

  it('are on what a call done answers, and on a preflight', async () => {
    const headers = { ...bearer(hub), 'content-type': 'application/json' };
    const body = JSON.stringify({ name: 'made' });
    const made = await httpRequest(`${hub.url}/v1/projects`, { method: 'POST', headers, body });
    expect(made.status).toBe(200);
    expectHeaders('project.create', made.headers);
    const asked = { origin: 'https://board.example', 'access-control-request-method': 'POST' };
    const preflight = await httpRequest(`${hub.url}/v1/projects`, { method: 'OPTIONS', headers: asked });
    expect(preflight.status).toBe(204);
    expectHeaders('preflight', preflight.headers);
  });

  it('are on an open event stream', async () => {
    const projectId = await makeProject(openRest(hub));
    const headers = await streamHeaders(`${hub.url}/v1/projects/${projectId}/events`, bearer(hub));
    expect(headers[':status']).toBe('200');
    expect(headers['cache-control']).toBe('no-store');
    expectHeaders('events', headers);
  });

  it('are on the page at /docs, whose policy lets it run its own scripts', async () => {
    for (const path of [
      '/docs',
      '/docs/',
      '/docs/json',
      '/docs/static/swagger-ui.css',
      '/docs/static/index.css',
    ]) {
      const { headers } = await httpRequest(`${hub.url}${path}`);
      expectHeaders(path, headers);
      expect(headers['content-security-policy']).toContain("script-src 'self'");
    }
  });

  it('are on what Engine.IO answers by itself', async () => {
    for (const query of ['EIO=4&transport=polling', 'EIO=4&transport=websocket', 'EIO=3', '']) {
      const { headers, status } = await httpRequest(`${hub.url}/socket.io/?${query}`);
      expect(status).toBe(400);
      expectHeaders(query, headers);
    }
  });

  it('are on a refused upgrade', async () => {
    const received = await rawBytes(hub.url, handshakeOf('evil.example'));
    expect(received).toMatch(/^HTTP\/1\.1 403 /);
    expectHeaders('upgrade', headersIn(received));
    expect(received).toContain('"forbidden_host"');
  });

  it('are on the answer to what is no HTTP', async () => {
    const received = await rawBytes(hub.url, 'NONSENSE\r\n\r\n');
    expect(received).toMatch(/^HTTP\/1\.1 400 /);
    expectHeaders('nonsense', headersIn(received));
  });
});

describe('strict transport security', () => {
  const POLICY_OF_TWO_YEARS = 'max-age=63072000; includeSubDomains';
  it('is asked for, for two years and every subdomain, in every answer to a name of the hub behind TLS', async () => {
    const hub = await TestHub.start({ isTlsTerminated: true, allowedHosts: ['hub.example'] });
    try {
      for (const path of [...ROUTES.map(([, path]) => path), ...OTHERS, '/docs/', '/socket.io/']) {
        const { headers } = await httpRequest(`${hub.url}${path}`, { headers: { host: 'hub.example' } });
        expect([path, headers['strict-transport-security']]).toEqual([path, POLICY_OF_TWO_YEARS]);
      }
      const malformed = headersIn(await rawBytes(hub.url, 'NONSENSE\r\n\r\n'));
      expect(malformed['strict-transport-security']).toBe(POLICY_OF_TWO_YEARS);
    } finally {
      await hub.stop();
    }
  });

  it('is asked for in the answer to a WebSocket that comes too soon', async () => {
    const limits = { ...NO_RATE_LIMITS, addressPerSecond: 1 };
    const hub = await TestHub.start({ isTlsTerminated: true, allowedHosts: ['hub.example'], limits });
    try {
      const ask = (): Promise<string> => rawBytes(hub.url, handshakeOf('hub.example'), 200);
      const answers = await Promise.all(Array.from({ length: 30 }, ask));
      const refused = answers.filter((answer) => answer.startsWith('HTTP/1.1 429 '));
      expect(refused.length).toBeGreaterThan(0);
      for (const answer of refused)
        expect(headersIn(answer)['strict-transport-security']).toBe(POLICY_OF_TWO_YEARS);
    } finally {
      await hub.stop();
    }
  });

  it('is asked for in no answer to an address, nor on loopback, where it would bind every port', async () => {
    const hub = await TestHub.start({ isTlsTerminated: true });
    try {
      for (const host of ['localhost', '127.0.0.1:3000', '[::1]']) {
        const { headers } = await httpRequest(`${hub.url}/healthz`, { headers: { host } });
        expect([host, Object.keys(headers)]).toEqual([
          host,
          expect.not.arrayContaining(['strict-transport-security']),
        ]);
      }
      expect(headersIn(await rawBytes(hub.url, 'NONSENSE\r\n\r\n'))).not.toHaveProperty(
        'strict-transport-security',
      );
    } finally {
      await hub.stop();
    }
  });
});
