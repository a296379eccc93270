import { refusals } from '@agentmix/act-contract';
import type { RefusalCode } from '@agentmix/act-contract';
import { graphqlCalls, PAGE_SIZE } from '@agentmix/act-contract/graphql';
import type { GraphqlCall } from '@agentmix/act-contract/graphql';
import { documentOf, graphqlSchema } from '@agentmix/act-testing/graphql';
import type { GraphQLInterfaceType } from 'graphql';
import { isRecord } from './contract.ts';
import type { Answer } from './contract.ts';
import type { Door } from './door.ts';
import { httpRequest } from './http-request.ts';
import { bearer, uploadOver } from './rest-door.ts';
import type { HubAddress } from './rest-door.ts';

const withoutNulls = (value: unknown, key?: string): unknown => {
  // What is JSON to the contract holds whatever its caller wrote.
  if (['content', 'result', 'value', 'resolution', 'data'].includes(key ?? '')) return value;
  if (Array.isArray(value)) return value.map((item) => withoutNulls(item));
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, one]) =>
      name === '__typename' || (one === null && name !== 'content') ? [] : [[name, withoutNulls(one, name)]],
    ),
  );
};

const outputOf = (call: GraphqlCall, value: unknown): Record<string, unknown> => {
  const output = withoutNulls(value) as Record<string, unknown>;
  if (isRecord(value) && 'done' in value) return {};
  if (call.cursor === undefined) return output;
  const { nodes, pageInfo } = output as {
    nodes: unknown;
    pageInfo: { hasNextPage: boolean; endCursor: string };
  };
  const next = call.cursor === 'seq' ? Number(pageInfo.endCursor) : pageInfo.endCursor;
  return { items: nodes, ...(pageInfo.hasNextPage ? { next } : {}) };
};

const refusalTypes = new Set(
  graphqlSchema
    .getPossibleTypes(graphqlSchema.getType('Refusal') as GraphQLInterfaceType)
    .map(({ name }) => name),
);

const refusalOf = ({ code, title, detail, data }: Record<string, unknown>): Answer => {
  const status = refusals[code as RefusalCode].status;
  const problem = { type: `urn:act:problem:${String(code)}`, title, status, code };
  return {
    ok: false,
    status,
    body: { ...(isRecord(data) ? data : {}), ...problem, ...(detail === null ? {} : { detail }) },
  };
};

const answerOf = (call: GraphqlCall, text: string, seq: unknown): Answer => {
  const body = JSON.parse(text) as Record<string, unknown>;
  if ('code' in body) return { ok: false, status: Number(body['status']), body };
  const { data, errors } = body as {
    data?: Record<string, unknown>;
    errors?: { message: string; extensions: Record<string, unknown> }[];
  };
  const value = data?.[call.field];
  const [error] = errors ?? [];
  if (error) {
    const problem = {
      title: error.message,
      type: `urn:act:problem:${String(error.extensions['code'])}`,
      ...error.extensions,
    };
    return { ok: false, status: Number(error.extensions['status']), body: problem };
  }
  if (!isRecord(value)) throw new Error(`answered with ${text}`);
  if (refusalTypes.has(String(value['__typename']))) return refusalOf(value);
  return {
    ok: true,
    status: 200,
    body: outputOf(call, value),
    ...(typeof seq === 'string' ? { seq: Number(seq) } : {}),
  };
};

/** GraphQL over HTTP: one call a document, everything of it asked for. */
export const openGraphql = (hub: HubAddress): Door => {
  const send = async (
    name: string,
    projectId: string | undefined,
    input: unknown,
    idempotencyKey?: string,
  ): Promise<Answer> => {
    const call = graphqlCalls.find((one) => one.name === name);
    if (!call) throw new Error(`${name} is no call`);
    const fields = isRecord(input) ? { ...input } : {};
    if (call.cursor !== undefined && 'limit' in fields) {
      fields[PAGE_SIZE.argument] = fields['limit'];
      delete fields['limit'];
    }
    if (call.cursor !== undefined && 'after' in fields) fields['after'] = String(fields['after']);
    const variables = {
      ...fields,
      ...(call.isOfProject ? { projectId } : {}),
      ...(call.kind === 'command' ? { idempotencyKey } : {}),
    };
    const headers = {
      ...bearer(hub),
      'content-type': 'application/json',
      accept: 'application/graphql-response+json',
    };
    const body = JSON.stringify({ query: documentOf(call), variables });
    const answer = await httpRequest(`${hub.url}/graphql`, { method: 'POST', headers, body });
    return answerOf(call, answer.text, answer.headers['act-seq']);
  };
  return { name: 'GraphQL', command: send, query: send, upload: uploadOver(hub), close: () => undefined };
};
