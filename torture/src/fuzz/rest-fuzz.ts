import { commands, pathFields, queries } from '@agentmix/act-contract';
import type { Route } from '@agentmix/act-contract';
import fc from 'fast-check';
import type { OutgoingHttpHeaders } from 'node:http';
import { uuidv7 } from 'uuidv7';
import type { z } from 'zod';
import type { Address } from '../wire/rest.ts';
import type { FuzzSizes } from './drawn.ts';
import { HOSTILE_JSON, hostileText } from './hostile.ts';
import { fuzzHttp } from './http-requests.ts';
import type { Sent } from './http-requests.ts';
import { anyInput } from './values.ts';
import type { Ids } from './values.ts';
import type { Verdicts } from './verdicts.ts';

interface Offered {
  readonly name: string;
  readonly kind: 'command' | 'query';
  readonly route: Route;
  readonly input: z.ZodType;
}

/** Calls of the contract that a door offers. */
export const offered: readonly Offered[] = [...Object.values(commands), ...Object.values(queries)].flatMap(
  ({ name, kind, input, ...rest }): Offered[] =>
    'route' in rest ? [{ name, kind, input, route: rest.route }] : [],
);

const keyOf: fc.Arbitrary<string | undefined> = fc.oneof(
  { weight: 6, arbitrary: fc.constant(undefined) },
  { weight: 3, arbitrary: fc.constant(0).map(() => uuidv7()) },
  { weight: 1, arbitrary: fc.constant('01890000-0000-7000-8000-000000000000') },
  { weight: 1, arbitrary: fc.constant('ffffffff-ffff-7fff-bfff-ffffffffffff') },
  { weight: 1, arbitrary: fc.uuid({ version: 4 }) },
  { weight: 1, arbitrary: hostileText },
);
const typeOf = fc.oneof(
  { weight: 20, arbitrary: fc.constant('application/json') },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'text/plain',
      'application/json; charset=utf-16',
      'application/JSON',
      'multipart/form-data',
      'application/x-www-form-urlencoded',
      'application/json, text/plain',
      '',
    ),
  },
);
/** As a header may hold it. */
export const headerText = (text: string): string => text.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 2_000);

/** A path part or a query value as the wire takes it; half of a character cannot be encoded at all. */
const encoded = (value: unknown): string => {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return encodeURIComponent(Buffer.from(text).toString()).slice(0, 6_000);
};

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Waiting for work is not hanging. */
export const withoutWaiting = (input: unknown): unknown =>
  isRecord(input) && typeof input['waitMs'] === 'number' && input['waitMs'] > 100
    ? { ...input, waitMs: 20 }
    : input;

/** Requests of one call of the contract, from valid to hopeless. */
const requestsOf = (definition: Offered, ids: Ids): fc.Arbitrary<Sent> => {
  const { method, path } = definition.route;
  const inPath = new Set(pathFields(path));
  const project = fc.oneof(
    {
      weight: 12,
      arbitrary: fc.nat().map((at) => ids.get('projectId')?.[at % (ids.get('projectId')?.length ?? 1)] ?? ''),
    },
    { weight: 1, arbitrary: fc.uuid() },
    { weight: 1, arbitrary: hostileText },
  );
  const raw = fc.oneof(
    { weight: 25, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constantFrom(...HOSTILE_JSON) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }) },
  );
  return fc
    .record({ input: anyInput(definition.input, ids), project, raw, key: keyOf, type: typeOf, at: fc.nat() })
    .map(({ input: given, project: projectId, raw: text, key, type, at }) => {
      const input = withoutWaiting(given);
      const fields: Readonly<Record<string, unknown>> = isRecord(input) ? input : {};
      const target = path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
        encoded(name === 'projectId' ? projectId : fields[name]),
      );
      const rest = isRecord(input)
        ? Object.fromEntries(Object.entries(input).filter(([name]) => !inPath.has(name)))
        : input;
      const hasBody = method !== 'GET' && method !== 'DELETE';
      const query = isRecord(rest) && !hasBody ? Object.entries(rest) : [];
      const queryText = query.map(([name, value]) => `${encoded(name)}=${encoded(value)}`).join('&');
      const headers: OutgoingHttpHeaders = {
        ...(hasBody ? { 'content-type': headerText(type) } : {}),
        ...(key === undefined ? {} : { 'idempotency-key': headerText(key) }),
      };
      return {
        method,
        path: `/v1${target}${queryText ? `?${queryText}` : ''}`,
        headers,
        body: hasBody ? (text === undefined ? JSON.stringify(rest) : spliced(rest, text, at)) : undefined,
      };
    });
};

/** Raw JSON instead of the body, or instead of one of its fields. */
const spliced = (rest: unknown, text: string, at: number): string => {
  const entries = isRecord(rest) ? Object.entries(rest) : [];
  if (at % 2 === 0 || entries.length === 0) return text;
  const chosen = at % entries.length;
  const parts = entries.map(
    ([name, value], index) =>
      `${JSON.stringify(name)}:${index === chosen ? text : (JSON.stringify(value) ?? 'null')}`,
  );
  return `{${parts.join(',')}}`;
};

/** Sends so many requests, from valid to hopeless. */
export const fuzzRest = (
  address: Address,
  ids: Ids,
  verdicts: Verdicts,
  sizes: FuzzSizes,
  onAnswer: (name: string, text: string) => void,
): Promise<void> => {
  const kinds = offered.map((definition) => ({
    name: definition.name,
    requests: requestsOf(definition, ids),
  }));
  return fuzzHttp(address, kinds, verdicts, sizes, (what, answer) => verdicts.judge(what, answer), onAnswer);
};
