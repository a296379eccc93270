import { createRequire } from 'node:module';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import type { CoordinationService } from '../app/coordination-service.ts';
import { VERSION } from '../version.ts';
import { DOCUMENTS_POLICY } from './security-headers.ts';

/** As it was generated: making it anew took a tenth of each start. */
const generated = (): object => {
  const file: unknown = createRequire(import.meta.url)('@agentmix/act-contract/openapi.json');
  const { 'x-generated': _note, ...document } = file as Record<string, unknown>;
  return document;
};

/** What this hub is and what time it keeps, its OpenAPI document, and a page to browse it. */
export const addDocuments = async (app: FastifyInstance, service: CoordinationService): Promise<void> => {
  const document = generated();
  // Bytes, so that a thousand slow readers share them.
  const bytes = Buffer.from(JSON.stringify(document));
  app.get('/v1', () => ({ name: 'act-hub', version: VERSION, time: service.clock.now() }));
  app.get('/openapi.json', (_request, reply) => reply.header('content-type', 'application/json').send(bytes));
  app.get('/', (_request, reply) => reply.redirect('/docs'));
  // The document is made from the contract’s table, not from routes: the plug-in only serves its page.
  await app.register(swagger, { mode: 'static', specification: { document: document as never } });
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: DOCUMENTS_POLICY,
    uiConfig: { persistAuthorization: false },
  });
};
