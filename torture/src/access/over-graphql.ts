import { refusals } from '@agentmix/act-contract';
import type { RefusalCode } from '@agentmix/act-contract';
import { graphqlCalls } from '@agentmix/act-contract/graphql';
import type { GraphqlCall } from '@agentmix/act-contract/graphql';
import { documentOf } from '@agentmix/act-testing/graphql';
import { graphqlVariables } from '../wire/graphql.ts';
import { GraphqlClosed, GraphqlConnection } from '../wire/graphql-socket.ts';
import type { GraphqlRequest, GraphqlResult } from '../wire/graphql-socket.ts';
import { get } from './doors.ts';
import type { Call, Seen } from './doors.ts';

const EVENTS =
  'subscription ($projectId: ID!) { events(projectId: $projectId, after: "0") { cursor events { type data } } }';

type Fields = Readonly<Record<string, unknown>>;
interface Answer {
  readonly data?: Readonly<Record<string, Fields | null>>;
  readonly errors?: readonly { readonly extensions: Fields }[];
}

/** An answer of GraphQL as the one that REST would have given: a refusal is one, wherever in the answer it stands. */
const seenOf = (seen: Seen, call: Pick<GraphqlCall, 'field'>): Seen => {
  if (!seen.text.startsWith('{')) return seen;
  const { data, errors } = JSON.parse(seen.text) as Answer;
  const [error] = errors ?? [];
  const value = data?.[call.field];
  // Of the generic refusals the extensions are the problem document; a row’s own is the value of its field.
  const problem = error?.extensions ?? (value && 'code' in value && 'title' in value ? value : undefined);
  if (!problem) return seen;
  const status = Number(problem['status'] ?? refusals[problem['code'] as RefusalCode].status);
  return { ok: false, status, text: JSON.stringify(problem) };
};

const post = (base: string, token: string | undefined, body: unknown, accept: string): Promise<Seen> =>
  get(`${base}/graphql`, token, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept },
    body: JSON.stringify(body),
  });

/** One call as a document that asks for everything of its answer. */
const requestOf = (call: Call): { readonly row: GraphqlCall; readonly request: GraphqlRequest } => {
  const row = graphqlCalls.find(({ name }) => name === call.name);
  if (!row) throw new Error(`${call.name} is no call`);
  const variables = {
    ...graphqlVariables(row, call.input),
    ...(row.isOfProject ? { projectId: call.projectId } : {}),
  };
  return { row, request: { query: documentOf(row), variables } };
};

export const overGraphql = async (base: string, token: string | undefined, call: Call): Promise<Seen> => {
  const { row, request } = requestOf(call);
  return seenOf(await post(base, token, request, 'application/json'), row);
};

/** Asks to follow a project. */
export const followOverGraphql = async (
  base: string,
  token: string | undefined,
  projectId: string,
): Promise<Seen> =>
  seenOf(await post(base, token, { query: EVENTS, variables: { projectId } }, 'text/event-stream'), {
    field: 'events',
  });

const answered = (result: GraphqlResult, field: string): Seen =>
  seenOf({ ok: true, status: 200, text: JSON.stringify(result) }, { field });

/** The same over a WebSocket. */
export const overGraphqlSocket = async (connection: GraphqlConnection, call: Call): Promise<Seen> => {
  const { row, request } = requestOf(call);
  return answered(await connection.ask(request), row.field);
};

export const followOverGraphqlSocket = async (
  connection: GraphqlConnection,
  projectId: string,
): Promise<Seen> => answered(await connection.ask({ query: EVENTS, variables: { projectId } }), 'events');

/** A connection, or how it was refused. */
export const tryGraphqlSocket = async (
  url: string,
  token: string | undefined,
): Promise<GraphqlConnection | Seen> => {
  try {
    return await GraphqlConnection.open({ url, token });
  } catch (error) {
    if (!(error instanceof GraphqlClosed)) throw error;
    const { reason } = error;
    // A token that makes the message no message is answered in the words of the protocol.
    const status = reason in refusals ? refusals[reason as RefusalCode].status : 400;
    return { ok: false, status, text: JSON.stringify({ code: reason }) };
  }
};
