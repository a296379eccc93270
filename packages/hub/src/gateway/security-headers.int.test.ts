import { get } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { uuidv7 } from 'uuidv7';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { queryNames, routedCommands, routeOf } from '../../test/contract.ts';
import { httpRequest, rawBytes } from '../../test/http-request.ts';
import { bearer, openRest } from '../../test/rest-door.ts';
import { TestHub } from '../../test/start-test-hub.ts';
import { makeProject } from '../../test/world.ts';
import { securityHeaders } from './security-headers.ts';

const ROUTES = [
  ...[...routedCommands, ...queryNames].map((name) => routeOf(name)),
  { method: 'GET', path: '/projects/{projectId}/events' },
].map(({ method, path }) => [method, `/v1${path.replaceAll(/\{\w+\}/g, uuidv7())}`] as const);
const OTHERS = ['/v1', '/metrics', '/healthz', '/readyz', '/openapi.json', '/', '/nothing', '/v1/%ff', '/%'];
const POLICY = "default-src 'none'; frame-ancestors 'none'";

/** Headers of a stream that stays open, as soon as they are there. */
const streamHeaders = (url: string, headers: Record<string, string>): Promise<IncomingHttpHeaders> =>
  new Promise((resolve, reject) => {
    const opened = get(url, { headers }, (response) => {
      resolve({ ...response.headers, ':status': String(response.statusCode) });
      opened.destroy();
    });
    opened.on('error', reject);
  });

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
    expect([what, policy]).toEqual([what, expect.stringContaining("default-src 'none'")]);
    expect([what, policy]).toEqual([what, expect.stringContaining("frame-ancestors 'none'")]);
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
    for (const path of ['/docs', '/docs/', '/docs/json', '/docs/static/swagger-ui.css']) {
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
    const lines = ['Host: evil.example', 'Connection: Upgrade', 'Upgrade: websocket'];
    const key = ['Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='];
    const path = 'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1';
    const received = await rawBytes(hub.url, [path, ...lines, ...key, '', ''].join('\r\n'));
    expect(received).toMatch(/^HTTP\/1\.1 403 /);
    const headers = Object.fromEntries(
      [...received.matchAll(/^([\w-]+): (.*)\r$/gm)].map(([, name = '', value]) => [
        name.toLowerCase(),
        value,
      ]),
    );
    expectHeaders('upgrade', headers);
    expect(received).toContain('"forbidden_host"');
  });

  it('ask for TLS for good only where the hub has it', () => {
    expect(securityHeaders(false)).not.toHaveProperty('strict-transport-security');
    expect(securityHeaders(true)['strict-transport-security']).toMatch(/^max-age=\d{8,}/);
    expect(securityHeaders(true)).toMatchObject(securityHeaders(false));
  });
});
