import type { CommandArguments, CommandName, CommandOutput, QueryArguments } from '@agentmix/act-contract';
import type { QueryName, QueryOutput } from '@agentmix/act-contract';
import { routes } from '@agentmix/act-contract/routes';
import type { request as httpRequest } from 'node:http';
import { uuidv7 } from 'uuidv7';

type Name = keyof typeof routes;
type Input<N extends Name> = N extends CommandName
  ? CommandArguments<N>
  : N extends QueryName
    ? QueryArguments<N>
    : never;
type Output<N extends Name> = N extends CommandName
  ? CommandOutput<N>
  : N extends QueryName
    ? QueryOutput<N>
    : never;

type Fields = Readonly<Record<string, unknown>>;

export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly code: string; readonly detail: string; readonly data: Fields };

/** The hub as a hook sees it: one attempt a call, over a connection of its own. */
export interface HubAccess {
  readonly url: string;
  readonly key: string;
  readonly projectId: string;
  readonly signal: AbortSignal;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

interface Raw {
  readonly status: number;
  readonly text: string;
}

const scalar = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** Loaded when needed: most hooks of this user run where nothing was joined. */
export const loadTransport = ({ url }: Pick<HubAccess, 'url'>): Promise<{ request: typeof httpRequest }> =>
  url.startsWith('https:') ? import('node:https') : import('node:http');

const send = async (
  { url, key, signal }: HubAccess,
  method: string,
  target: string,
  body: string | undefined,
): Promise<Raw> => {
  const { request } = await loadTransport({ url });
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${key}`,
      ...(method === 'GET' ? {} : { 'idempotency-key': uuidv7() }),
      ...(body === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
    };
    const sent = request(`${url}/v1${target}`, { method, headers, signal, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
};

const answerOf = <T>({ status, text }: Raw): Answer<T> => {
  const value: unknown = JSON.parse(text);
  // A hub answers 200 with what the contract says, and everything else as a problem document.
  if (status === 200) return { ok: true, value: value as T };
  const { code = `status ${status}`, detail = '', ...data } = value as { code?: string; detail?: string };
  if (status >= 500 || status === 429 || status === 401) throw new Error(`the hub answered ${code}`);
  return { ok: false, code, detail, data };
};

/** One call of the contract. A refusal is a value; rejects where the hub does not answer, or not as a hub. */
export const callHub = async <N extends Name>(
  hub: HubAccess,
  name: N,
  input: Input<N>,
): Promise<Answer<Output<N>>> => {
  const { method, path } = routes[name];
  const fields: Record<string, unknown> = { ...input };
  const target = path.replaceAll(/\{(\w+)\}/g, (_, field: string) => {
    const value = field === 'projectId' ? hub.projectId : fields[field];
    delete fields[field];
    return encodeURIComponent(scalar(value));
  });
  if (method === 'GET' || method === 'DELETE') {
    const query = new URLSearchParams(
      Object.entries(fields).map(([field, value]): [string, string] => [field, scalar(value)]),
    ).toString();
    return answerOf(await send(hub, method, query === '' ? target : `${target}?${query}`, undefined));
  }
  return answerOf(await send(hub, method, target, JSON.stringify(fields)));
};
