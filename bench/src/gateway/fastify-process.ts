import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';

import fastify from 'fastify';

export interface FastifyProcess {
  url: string;
  pid: number;
}

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** The JSON schema of one value, every property required. */
const schemaOf = (value: Json): object => {
  if (Array.isArray(value)) return { type: 'array', items: value[0] === undefined ? {} : schemaOf(value[0]) };
  if (value === null) return { type: 'null' };
  if (typeof value !== 'object') return { type: typeof value };
  const properties = Object.entries(value).map(([key, field]): [string, object] => [key, schemaOf(field)]);
  return { type: 'object', required: Object.keys(value), properties: Object.fromEntries(properties) };
};

/**
 * A bare server that answers the path of task.claim, and does nothing for it: `--answer JSON` is the object it
 * serialises each time with the task of the path, `--schema` makes fastify validate the body and compile the answer.
 */
const { values } = parseArgs({
  options: { answer: { type: 'string', default: '{}' }, schema: { type: 'boolean', default: false } },
});
const answer = JSON.parse(values.answer) as { [key: string]: Json };
const body = schemaOf({ sessionId: '' });
const app = fastify({
  logger: false,
  ...(values.schema && { ajv: { customOptions: { coerceTypes: false } } }),
});
app.post<{ Params: { taskId: string } }>(
  '/v1/projects/:projectId/tasks/:taskId/claim',
  values.schema ? { schema: { body, response: { 200: schemaOf(answer) } } } : {},
  (request) => ({ ...answer, taskId: request.params.taskId }),
);
await app.listen({ host: '127.0.0.1', port: 0 });
const { port } = app.server.address() as AddressInfo;
const line: FastifyProcess = { url: `http://127.0.0.1:${port}`, pid: process.pid };
process.stdout.write(`${JSON.stringify(line)}\n`);
process.stdin.resume().once('end', () => process.exit(0));
