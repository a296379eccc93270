import { refusals } from '@agentmix/act-contract';
import type { RefusalCode } from '@agentmix/act-contract';
import { graphqlCalls, PAGE_SIZE } from '@agentmix/act-contract/graphql';
import type { GraphqlCall } from '@agentmix/act-contract/graphql';
import { documentOf } from '@agentmix/act-testing/graphql';
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
export const overGraphql = async (base: string, token: string | undefined, call: Call): Promise<Seen> => {
  const row = graphqlCalls.find(({ name }) => name === call.name);
  if (!row) throw new Error(`${call.name} is no call`);
  const { limit, after, ...input } = call.input;
  const variables = {
    ...input,
    ...(limit === undefined ? {} : { [row.cursor === undefined ? 'limit' : PAGE_SIZE.argument]: limit }),
    ...(after === undefined
      ? {}
      : { after: row.cursor === undefined ? after : `${after as string | number}` }),
    ...(row.isOfProject ? { projectId: call.projectId } : {}),
  };
  const body = { query: documentOf(row), variables };
  return seenOf(await post(base, token, body, 'application/json'), row);
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
