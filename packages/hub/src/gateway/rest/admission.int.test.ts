import { uuidv7 } from 'uuidv7';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { queryNames, routeOf, routedCommands } from '../../../test/contract.ts';
import { expectProblem } from '../../../test/door.ts';
import { httpRequest } from '../../../test/http-request.ts';
import type { HttpAnswer, HttpOptions } from '../../../test/http-request.ts';
import { answerOf, bearer } from '../../../test/rest-door.ts';
import { TestHub } from '../../../test/start-test-hub.ts';

const OPEN = ['/healthz', '/readyz', '/openapi.json', '/docs', '/docs/', '/docs/json', '/'];
const ID = uuidv7();
const CLOSED = [
  ...[...routedCommands, ...queryNames].map((name) => {
    const { method, path } = routeOf(name);
    return [method, `/v1${path.replaceAll(/\{\w+\}/g, ID)}`] as const;
  }),
  ['GET', `/v1/projects/${ID}/events`] as const,
  ['GET', '/v1'] as const,
  ['GET', '/metrics'] as const,
  ['GET', '/v1/nothing'] as const,
  ['GET', '/nothing'] as const,
  ['DELETE', '/docs/nothing/../../v1/projects'] as const,
];

describe('admission over HTTP', () => {
  let hub: TestHub;
  beforeAll(async () => {
    hub = await TestHub.start({ allowedHosts: ['Hub.example'], allowedOrigins: ['https://board.example'] });
  });
  afterAll(() => hub.stop());

  const send = (path: string, options: HttpOptions = {}): Promise<HttpAnswer> =>
    httpRequest(`${hub.url}${path}`, options);
  const unauthorized = async (method: string, path: string, headers = {}): Promise<void> => {
    const answer = await send(path, { method, headers });
    expect([method, path, answer.status]).toEqual([method, path, 401]);
    expectProblem(answerOf(answer), 'unauthorized');
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
  };

  it('refuses every route without a token', async () => {
    for (const [method, path] of CLOSED) await unauthorized(method, path);
  });

  it('refuses a wrong token, a shortened one, and one of another scheme', async () => {
    const { token } = hub;
    for (const authorization of [
      'Bearer wrong',
      `Bearer ${token.slice(0, -1)}`,
      `Bearer ${token}x`,
      `Bearer ${token} x`,
      'Bearer ',
      token,
      `Basic ${Buffer.from(`act:${token}`).toString('base64')}`,
      `Token ${token}`,
    ])
      for (const [method, path] of CLOSED.slice(-6)) await unauthorized(method, path, { authorization });
  });

  it('does not look for the token in the query string or in cookies', async () => {
    const { token } = hub;
    for (const [method, path] of CLOSED) {
      await unauthorized(method, `${path}?token=${token}&access_token=${token}&auth=${token}`);
      await unauthorized(method, path, { cookie: `token=${token}; act=${token}` });
    }
  });

  it('serves health, the API’s description and its page without a token', async () => {
    for (const path of OPEN) expect([path, (await send(path)).status < 400]).toEqual([path, true]);
  });

  it.each([
    '/docs/../v1/projects',
    '/docs/..%2fv1/projects',
    '/docs/%2e%2e/v1/projects',
    '/healthz/../v1/projects',
    '//v1/projects',
    '/v1/projects;/docs',
    '/v1/projects?/docs',
    '/v1/projects#/docs',
    '/docs\\..\\v1\\projects',
    '/docs/static/../../../package.json',
    '/docs/static/%2e%2e/%2e%2e/package.json',
  ])('opens nothing else by %s', async (path) => {
    const answer = await send(path);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.text).not.toMatch(/"items"|"dependencies"/);
  });

  const doors = [
    '/v1/projects',
    `/v1/projects/${ID}/events`,
    '/v1',
    '/metrics',
    '/docs',
    '/openapi.json',
    '/',
  ];
  it.each([
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '169.254.169.254',
    'a b',
    '0',
  ])('refuses the Host %j at every door', async (host) => {
    for (const path of doors) {
      const answer = await send(path, { headers: { ...bearer(hub), host } });
      expect([path, answer.status]).toEqual([path, 403]);
      expectProblem(answerOf(answer), 'forbidden_host');
    }
  });

  it.each(['localhost', 'LOCALHOST:3000', '127.0.0.1:1', '[::1]:3000', 'hub.example', 'HUB.example:8080'])(
    'serves by the name %s',
    async (host) => {
      expect((await send('/v1/projects', { headers: { ...bearer(hub), host } })).status).toBe(200);
    },
  );

  it.each([
    'https://evil.example',
    'null',
    'http://localhost:9',
    'file://',
    'http://127.0.0.1.evil.example',
    '',
  ])('refuses the Origin %j at every door, even with the token', async (origin) => {
    for (const path of doors) {
      const answer = await send(path, { headers: { ...bearer(hub), origin } });
      expect([path, answer.status]).toEqual([path, 403]);
      expectProblem(answerOf(answer), 'forbidden_origin');
    }
  });

  it.each(['cross-site', 'same-site'])('refuses Sec-Fetch-Site: %s at every door', async (site) => {
    for (const path of doors) {
      const answer = await send(path, { headers: { ...bearer(hub), 'sec-fetch-site': site } });
      expect([path, answer.status]).toEqual([path, 403]);
    }
  });

  it('serves its own page, the pages it was told of, and programs', async () => {
    for (const headers of [
      { origin: hub.url, 'sec-fetch-site': 'same-origin' },
      { origin: 'https://board.example', 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'none' },
      {},
    ])
      expect((await send('/v1/projects', { headers: { ...bearer(hub), ...headers } })).status).toBe(200);
  });

  it('refuses a write of another origin before it looks at anything else', async () => {
    const headers = { ...bearer(hub), origin: 'https://evil.example', 'content-type': 'text/plain' };
    const answer = await send('/v1/projects', { method: 'POST', headers, body: '{"name":"evil"}' });
    expect(answer.status).toBe(403);
  });

  it('never allows a page of an origin it was not told of to read an answer', async () => {
    for (const path of [...doors, '/healthz', '/readyz', '/nothing'])
      for (const origin of ['https://evil.example', 'null', hub.url])
        for (const method of ['GET', 'OPTIONS']) {
          const preflight = { 'access-control-request-method': 'GET' };
          const answer = await send(path, { method, headers: { ...bearer(hub), origin, ...preflight } });
          const cors = Object.keys(answer.headers).filter((name) => name.startsWith('access-control-'));
          expect([path, origin, cors]).toEqual([path, origin, []]);
        }
  });

  it('tells the token to nobody', async () => {
    for (const path of [...OPEN, '/v1', '/metrics', '/v1/projects', '/nothing'])
      expect((await send(path, { headers: bearer(hub) })).text).not.toContain(hub.token);
  });
});
