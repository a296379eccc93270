import { refusal } from '@agentmix/act-contract';
import type { Refusal } from '@agentmix/act-contract';
import { GraphQLError } from 'graphql';
import type { Documents } from '../documents.ts';
import type { Parameters } from '../engine.ts';

type Fields = Readonly<Record<string, unknown>>;
export type Read =
  | { readonly ok: true; readonly value: Parameters }
  | { readonly ok: false; readonly refusal: Refusal }
  | { readonly ok: false; readonly errors: readonly GraphQLError[] };

const isMap = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const wrong = (field: string, message: string): Read => ({
  ok: false,
  refusal: refusal('invalid_input', `${field}: ${message}`, { fields: [{ field, message }] }),
});

const NOT_FOUND = new GraphQLError('PersistedQueryNotFound', {
  extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' },
});

/** The SHA-256 of automatic persisted queries, a convention of many clients. */
const hashOf = (extensions: unknown): unknown => {
  const persisted = isMap(extensions) ? extensions['persistedQuery'] : undefined;
  return isMap(persisted) ? (persisted['sha256Hash'] ?? '') : undefined;
};

/** Reads what a caller sent; a text that it names by its SHA-256 is one that somebody has shown before. */
export const readParameters = (body: unknown, documents: Documents): Read => {
  if (Array.isArray(body)) return wrong('body', 'one operation at a time');
  if (!isMap(body)) return wrong('body', 'must be an object');
  const { operationName, variables, extensions } = body;
  if (operationName !== undefined && operationName !== null && typeof operationName !== 'string')
    return wrong('operationName', 'must be a string');
  for (const [field, value] of Object.entries({ variables, extensions }))
    if (value !== undefined && value !== null && !isMap(value)) return wrong(field, 'must be an object');
  const hash = hashOf(extensions);
  if (hash !== undefined && typeof hash !== 'string') return wrong('sha256Hash', 'must be a string');
  const query = body['query'] ?? (hash === undefined ? undefined : documents.recall(hash));
  if (query === undefined && hash !== undefined) return { ok: false, errors: [NOT_FOUND] };
  if (typeof query !== 'string') return wrong('query', 'must be a string');
  if (hash !== undefined && !documents.keep(hash, query)) return wrong('sha256Hash', 'is another text’s');
  return {
    ok: true,
    value: {
      query,
      operationName: operationName ?? undefined,
      variables: isMap(variables) ? variables : undefined,
    },
  };
};
