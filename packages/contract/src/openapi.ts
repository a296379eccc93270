import { z } from 'zod';
import { ARTIFACT_CONTENT_PATH, artifactDownload, artifactUpload, Uploaded } from './artifact-content.ts';
import { pathFields } from './define.ts';
import { events } from './events.ts';
import { refusals } from './refusals.ts';
import type { RefusalCode } from './refusals.ts';
import { hubCalls, JWKS_PATH } from './hub-calls.ts';
import { SealedContent } from './sealed.ts';
import { commands, commonCommandRefusals, commonQueryRefusals, queries } from './table.ts';

type Json = Record<string, unknown>;
type Operation =
  | (typeof commands)[keyof typeof commands]
  | (typeof queries)[keyof typeof queries]
  | (typeof hubCalls)[keyof typeof hubCalls];

/** JSON Schema 2020-12, with named schemas lifted out as components. */
const schemaOf = (schema: z.ZodType, io: 'input' | 'output', components: Json): Json => {
  const converted = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Json & { $defs?: Json };
  const { $defs = {}, $schema: _version, ...own } = converted;
  const suffix = io === 'input' ? 'Input' : '';
  const rename = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(rename);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) =>
        key === '$ref' && typeof inner === 'string'
          ? [key, inner.replace('#/$defs/', '#/components/schemas/') + suffix]
          : [key, rename(inner)],
      ),
    );
  };
  for (const [name, definition] of Object.entries($defs))
    components[name + suffix] = withoutMarks(rename(definition) as Json);
  return withoutMarks(rename(own) as Json);
};

/** `id` and `$schema` are marks of the converter, not of JSON Schema documents inside OpenAPI. */
const withoutMarks = ({ id: _id, $schema: _version, ...schema }: Json): Json => schema;

const groupByStatus = (codes: readonly RefusalCode[]): Map<number, RefusalCode[]> => {
  const groups = new Map<number, RefusalCode[]>();
  for (const code of new Set(codes))
    groups.set(refusals[code].status, [...(groups.get(refusals[code].status) ?? []), code]);
  return groups;
};

const problem = (codes: readonly RefusalCode[]): Json =>
  Object.fromEntries(
    [...groupByStatus(codes)].map(([status, group]) => [
      String(status),
      {
        description: group.map((code) => `\`${code}\`: ${refusals[code].title}`).join('\n\n'),
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    ]),
  );

const parameter = (name: string, where: 'path' | 'query', schema: unknown, isRequired: boolean): Json => ({
  name,
  in: where,
  required: isRequired,
  schema,
});

const operationOf = (definition: Operation, components: Json): Json => {
  if (!('route' in definition)) throw new Error(`${definition.name} has no route`);
  const { path, method } = definition.route;
  const input = schemaOf(definition.input, 'input', components) as { properties?: Json; required?: string[] };
  const inPath = pathFields(path);
  const rest = Object.entries(input.properties ?? {}).filter(([name]) => !inPath.includes(name));
  const required = (input.required ?? []).filter((name) => !inPath.includes(name));
  const hasBody = definition.kind !== 'query' && method !== 'DELETE';
  const uuid = { type: 'string', format: 'uuid' };
  const isCommand = definition.kind === 'command';
  return {
    operationId: definition.name.replaceAll(/[._](\w)/g, (_match, letter: string) => letter.toUpperCase()),
    summary: definition.summary,
    tags: [definition.name.split('.')[0]],
    ...('role' in definition ? { 'x-act-role': definition.role } : {}),
    parameters: [
      ...inPath.map((name) => parameter(name, 'path', input.properties?.[name] ?? uuid, true)),
      ...(hasBody
        ? []
        : rest.map(([name, schema]) => parameter(name, 'query', schema, required.includes(name)))),
      ...(isCommand
        ? [
            {
              name: 'Idempotency-Key',
              in: 'header',
              required: false,
              schema: uuid,
              description: 'UUID of version 7: the same key gives the same answer for 24 hours',
            },
          ]
        : []),
    ],
    ...(hasBody && rest.length > 0
      ? {
          requestBody: {
            required: required.length > 0,
            content: {
              'application/json': {
                schema: {
                  type: 'object',
                  properties: Object.fromEntries(rest),
                  required,
                  additionalProperties: false,
                },
              },
            },
          },
        }
      : {}),
    responses: {
      '200': {
        description: 'Done',
        content: { 'application/json': { schema: schemaOf(definition.output, 'output', components) } },
      },
      ...problem([...definition.refusals, ...(isCommand ? commonCommandRefusals : commonQueryRefusals)]),
    },
  };
};

const streamOperation = (): Json => ({
  operationId: 'eventStream',
  summary: 'The project’s events as server-sent events, one frame per message, resumable by Last-Event-ID',
  tags: ['event'],
  parameters: [
    parameter('projectId', 'path', { type: 'string', format: 'uuid' }, true),
    parameter(
      'after',
      'query',
      { type: 'integer', minimum: 0, description: 'Cursor to resume after; absent: from now on' },
      false,
    ),
  ],
  responses: {
    '200': { description: 'Frames', content: { 'text/event-stream': { schema: { type: 'string' } } } },
    ...problem(['unauthorized', 'project_not_found', 'cursor_in_future', 'cursor_too_old', 'unavailable']),
  },
});

const contentOperations = (components: Json): Json => {
  const bytes = { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } };
  const common = {
    tags: ['artifact'],
    parameters: ['projectId', 'artifactId'].map((name) =>
      parameter(name, 'path', { type: 'string', format: 'uuid' }, true),
    ),
  };
  return {
    put: {
      operationId: 'artifactUpload',
      summary: artifactUpload.summary,
      ...common,
      requestBody: { required: true, content: bytes },
      responses: {
        '200': {
          description: 'Received',
          content: { 'application/json': { schema: schemaOf(Uploaded, 'output', components) } },
        },
        ...problem(artifactUpload.refusals),
      },
    },
    get: {
      operationId: 'artifactDownload',
      summary: artifactDownload.summary,
      ...common,
      responses: {
        '200': { description: 'The bytes; repr-digest tells their SHA-256', content: bytes },
        ...problem(artifactDownload.refusals),
      },
    },
  };
};

/** The OpenAPI 3.1 document of the REST door, made from the table. */
export const openApi = (version: string): Json => {
  const components: Json = {
    Problem: {
      type: 'object',
      description: 'RFC 9457 problem document; `code` is the refusal’s name',
      properties: {
        type: { type: 'string' },
        title: { type: 'string' },
        status: { type: 'integer' },
        code: { enum: Object.keys(refusals) },
        detail: { type: 'string' },
      },
      required: ['type', 'title', 'status', 'code'],
    },
  };
  // Named by descriptions only: whatever a message holds, to the schemas it is JSON.
  components['SealedContent'] = schemaOf(SealedContent, 'input', components);
  const paths: Record<string, Json> = {};
  for (const definition of [
    ...Object.values(commands),
    ...Object.values(queries),
    ...Object.values(hubCalls),
  ]) {
    if (!('route' in definition)) continue;
    const path = `/v1${definition.route.path}`;
    paths[path] = {
      ...paths[path],
      [definition.route.method.toLowerCase()]: operationOf(definition, components),
    };
  }
  paths['/v1/projects/{projectId}/events'] = { get: streamOperation() };
  paths[JWKS_PATH] = {
    get: {
      operationId: 'jwks',
      summary: 'The public keys that sign access tokens (RFC 7517)',
      tags: ['token'],
      security: [],
      responses: {
        '200': {
          description: 'Keys',
          content: { 'application/jwk-set+json': { schema: { type: 'object' } } },
        },
      },
    },
  };
  paths[`/v1${ARTIFACT_CONTENT_PATH}`] = contentOperations(components);
  return {
    openapi: '3.1.0',
    info: {
      title: 'ACT Hub',
      version,
      description: 'Coordination hub for several coding agents working on one project',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    security: [{ token: [] }],
    paths,
    components: { schemas: components, securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
  };
};

/** JSON Schema of every event’s data, by event type. */
export const eventSchemas = (): Json =>
  Object.fromEntries(
    Object.entries(events).map(([type, schema]) => [
      type,
      z.toJSONSchema(schema, { unrepresentable: 'any' }),
    ]),
  );
