import fastify from 'fastify';
import type { AddressInfo } from 'node:net';
import type { Bearer } from '../src/access/access.ts';
import type { Calls } from '../src/gateway/calls.ts';
import { makeGuard } from '../src/gateway/guard.ts';
import { makeHttpServer } from '../src/gateway/http-server.ts';
import { serveMcp } from '../src/gateway/mcp/mcp-door.ts';
import { makeJudge } from '../src/gateway/origin.ts';
import { parseJson } from '../src/gateway/parse-json.ts';
import { responseWith } from '../src/gateway/security-headers.ts';
import { makeFixtureServer } from './mcp-fixtures.ts';

/** The suite shows no token. */
const ANYBODY = { credential: { projectId: '01900000-0000-7000-8000-000000000000' } } as Bearer;

/** The door of tools with its guard and its parser of bodies, with fixtures behind it instead of a project. */
export const startFixtureHub = async () => {
  const judge = makeJudge({ allowedHosts: [], allowedOrigins: [] });
  const guard = makeGuard(judge, responseWith(false), () => undefined);
  const app = fastify({
    serverFactory: (listener) => makeHttpServer(listener, guard.Response, undefined),
    forceCloseConnections: true,
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, parseJson);
  app.decorateRequest('bearer');
  app.addHook('onRequest', (request, reply, done) => {
    if (!guard.admits(request.raw, reply.raw)) return void reply.hijack();
    request.bearer = ANYBODY;
    done();
  });
  // Fixtures call no project.
  serveMcp(app, '/mcp', {} as Calls, makeFixtureServer, () => undefined);
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/mcp`, stop: () => app.close() };
};
