import { graphqlCalls, PAGE_SIZE } from '@agentmix/act-contract/graphql';
import type { GraphqlCall } from '@agentmix/act-contract/graphql';
import { documentOf } from '@agentmix/act-testing/graphql';
import { uuidv7 } from 'uuidv7';
import { GraphqlConnection } from './graphql-socket.ts';
import type { GraphqlRequest } from './graphql-socket.ts';
import type { Address, RawAnswer, RawCall } from './rest.ts';
import { readEvents } from './sse.ts';

const ATTEMPT_MS = 30_000;

type Fields = Readonly<Record<string, unknown>>;

const post = (
  { url, token }: Address,
  request: GraphqlRequest,
  accept: string,
  signal: AbortSignal = AbortSignal.timeout(ATTEMPT_MS),
): Promise<Response> =>
  fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', accept },
    body: JSON.stringify(request),
    signal,
  });

/** A call’s input as the variables of its document: pages are asked for in GraphQL’s words. */
export const graphqlVariables = (row: GraphqlCall, { limit, after, ...input }: Fields): Fields => {
  const isPage = row.cursor !== undefined;
  return {
    ...input,
    ...(limit === undefined ? {} : { [isPage ? PAGE_SIZE.argument : PAGE_SIZE.input]: limit }),
    ...(after === undefined ? {} : { after: isPage ? `${after as string | number}` : after }),
  };
};

interface Answer {
  readonly data?: Readonly<Record<string, Fields | null>> | null;
  readonly errors?: readonly { readonly extensions: { readonly code: string; readonly status: number } }[];
}

/** One command over GraphQL, tried once, with a document that asks for all of its answer. */
export const graphqlCommand = async (address: Address, call: RawCall): Promise<RawAnswer> => {
  const row = graphqlCalls.find(({ name }) => name === call.name);
  if (!row) return { type: 'fail', refusal: 'no_route' };
  const { projectId, commandId = uuidv7() } = call;
  const variables = { ...graphqlVariables(row, call.input), projectId, idempotencyKey: commandId };
  try {
    const response = await post(address, { query: documentOf(row), variables }, 'application/json');
    const { data, errors } = (await response.json()) as Answer;
    const { code, status } = errors?.[0]?.extensions ?? {};
    if (code !== undefined && status !== undefined)
      return status >= 500 || status === 429
        ? { type: 'info', error: code }
        : { type: 'fail', refusal: code };
    const output = data?.[row.field];
    if (!output) return { type: 'info', error: `status ${response.status}` };
    // Of the types of a result only refusals have both.
    if ('code' in output && 'title' in output) return { type: 'fail', refusal: String(output['code']) };
    const seq = response.headers.get('act-seq');
    return { type: 'ok', output, seq: seq === null ? undefined : Number(seq) };
  } catch (error) {
    return { type: 'info', error: error instanceof Error ? error.message : String(error) };
  }
};

const FOLLOW =
  'subscription ($project: ID!, $after: String) { events(projectId: $project, after: $after) { timestamp events { seq } } }';

interface Shown {
  readonly data?: { readonly events: object | null } | null;
}

/** Reads a project’s events over GraphQL until the signal aborts or the connection ends. Frames come as text. */
export type Stream = (
  address: Address,
  projectId: string,
  after: number,
  onFrame: (text: string) => void,
  signal: AbortSignal,
) => Promise<void>;

const followOf = (project: string, after: number) => ({
  query: FOLLOW,
  variables: { project, after: `${after}` },
});
const show = ({ data }: Shown, onFrame: (text: string) => void): void => {
  if (data?.events) onFrame(JSON.stringify(data.events));
};

export const graphqlSseStream: Stream = async (address, projectId, after, onFrame, signal) => {
  const response = await post(address, followOf(projectId, after), 'text/event-stream', signal);
  if (!response.ok || !response.body) throw new Error(`no stream: ${response.status}`);
  await readEvents(response.body, 'next', (text) => show(JSON.parse(text) as Shown, onFrame));
};

export const graphqlSocketStream: Stream = async (address, projectId, after, onFrame, signal) => {
  const connection = await GraphqlConnection.open(address);
  try {
    await connection.follow(followOf(projectId, after), (result) => show(result as Shown, onFrame), signal);
  } finally {
    connection.close();
  }
};
