import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Readable } from 'node:stream';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import type { CoordinationService } from '../app/coordination-service.ts';
import { VERSION } from '../version.ts';
import { DOCUMENTS_POLICY } from './security-headers.ts';

const requireHere = createRequire(import.meta.url);

/** The page’s large files, 2 MB together, with their types. */
const PAGE_FILES = {
  'swagger-ui-bundle.js': 'text/javascript',
  'swagger-ui-standalone-preset.js': 'text/javascript',
  'swagger-ui.js': 'text/javascript',
  'swagger-ui.css': 'text/css',
};

/** As much as is written at once: a slow reader is judged by what it takes of that (`Pace`). */
const SLICE_BYTES = 65_536;

/** So long a browser need not ask for them again; the next release may have others. */
const PAGE_SECONDS = 600;

/** As it was generated: making it anew took a tenth of each start. */
const generated = (): object => {
  const file: unknown = requireHere('@agentmix/act-contract/openapi.json');
  const { 'x-generated': _note, ...document } = file as Record<string, unknown>;
  return document;
};

/**
 * The plug-in would read a file anew for each who asks, 64 kB at a time: 25 slow readers a second of the largest made V8
 * collect all its garbage every 0.7 s, 20 ms in which nobody was served. From memory all share the same bytes.
 */
const addPageFiles = (app: FastifyInstance): void => {
  for (const [name, type] of Object.entries(PAGE_FILES)) {
    const bytes = readFileSync(requireHere.resolve(`@fastify/swagger-ui/static/${name}`));
    const slices: Buffer[] = [];
    for (let from = 0; from < bytes.length; from += SLICE_BYTES)
      slices.push(bytes.subarray(from, from + SLICE_BYTES));
    app.get(`/docs/static/${name}`, (_request, reply) =>
      reply
        .headers({
          'content-type': `${type}; charset=utf-8`,
          'content-length': bytes.length,
          'content-security-policy': DOCUMENTS_POLICY,
          'cache-control': `public, max-age=${PAGE_SECONDS}`,
        })
        .send(Readable.from(slices)),
    );
  }
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
  addPageFiles(app);
};
