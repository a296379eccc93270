import type { CommandArguments, CommandName, CommandOutput, QueryArguments } from '@agentmix/act-contract';
import type { QueryName, QueryOutput } from '@agentmix/act-contract';
import { routes } from '@agentmix/act-contract/routes';
import { V7Generator } from 'uuidv7';
import { exchange } from './exchange.ts';
import type { Answered } from './exchange.ts';

type Name = Extract<keyof typeof routes, CommandName | QueryName>;
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
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** By then it must have answered. */
  readonly until: number;
}

const scalar = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/**
 * Ids of commands. Node takes some 4 ms to load its own source of randomness; V8's is seeded from it, and an id has to
 * be unlike others, not secret.
 */
const commandIds = new V7Generator({ nextUint32: () => Math.floor(Math.random() * 0x1_0000_0000) });

/** Of this process: a hub that takes API keys for tokens only was given one for them. */
let token: string | undefined;

const sendAs = (
  shown: string,
  { url, now, until }: HubAccess,
  method: string,
  target: string,
  body: string,
): Promise<Answered> =>
  exchange({
    url: new URL(`${url}/v1${target}`),
    method,
    headers: {
      authorization: `Bearer ${shown}`,
      ...(method === 'GET' ? {} : { 'idempotency-key': commandIds.generate().toString() }),
      ...(body === ''
        ? {}
        : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }),
    },
    body,
    withinMs: until - now(),
  });

const needsToken = ({ status, body }: Answered): boolean =>
  status === 401 && (JSON.parse(body) as { code?: string }).code === 'token_needed';

const makeToken = async (hub: HubAccess): Promise<string> => {
  const { method, path } = routes['token.issue'];
  const { status, body } = await sendAs(hub.key, hub, method, path, '{}');
  if (status !== 200) throw new Error(`the hub made no token: status ${status}`);
  return (JSON.parse(body) as { token: string }).token;
};

const send = async (hub: HubAccess, method: string, target: string, body = ''): Promise<Answered> => {
  const answered = await sendAs(token ?? hub.key, hub, method, target, body);
  if (!needsToken(answered)) return answered;
  token = await makeToken(hub);
  return sendAs(token, hub, method, target, body);
};

const answerOf = <T>({ status, body }: Answered): Answer<T> => {
  const value: unknown = JSON.parse(body);
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
    return answerOf(await send(hub, method, query === '' ? target : `${target}?${query}`));
  }
  return answerOf(await send(hub, method, target, JSON.stringify(fields)));
};
