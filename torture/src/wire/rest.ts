import { commands, pathFields } from '@agentmix/act-contract';
import type { CommandName, Route } from '@agentmix/act-contract';
import { uuidv7 } from 'uuidv7';

/** Who speaks to which hub. */
export interface Address {
  readonly url: string;
  readonly token: string;
}

/** What came back: an answer, a refusal by code, or no answer that anybody could rely on. */
export type RawAnswer =
  | { readonly type: 'ok'; readonly output: unknown; readonly seq: number | undefined }
  | { readonly type: 'fail'; readonly refusal: string }
  | { readonly type: 'info'; readonly error: string };

export interface RawCall {
  readonly name: CommandName;
  readonly projectId: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly commandId?: string;
  /** How long the caller waits for an answer. */
  readonly patienceMs?: number;
}

const ATTEMPT_MS = 30_000;

export const routeOf = (name: CommandName): Route | undefined => {
  const definition = commands[name];
  return 'route' in definition ? definition.route : undefined;
};

/** One command over REST, tried once, its request made from the contract's table. */
export const restCommand = async (address: Address, call: RawCall): Promise<RawAnswer> => {
  const route = routeOf(call.name);
  if (!route) return { type: 'fail', refusal: 'no_route' };
  const inPath = new Set(pathFields(route.path));
  const values: Readonly<Record<string, unknown>> = { ...call.input, projectId: call.projectId };
  const path = route.path.replace(/\{(\w+)\}/g, (_, field: string) =>
    encodeURIComponent(String(values[field])),
  );
  const rest = Object.fromEntries(Object.entries(call.input).filter(([field]) => !inPath.has(field)));
  const hasBody = route.method !== 'DELETE' && route.method !== 'GET';
  try {
    // A method without a body carries its other fields in the query.
    const query = new URLSearchParams(
      Object.entries(rest).map(([field, value]): [string, string] => [field, String(value)]),
    );
    const url = `${address.url}/v1${path}${hasBody || query.size === 0 ? '' : `?${query.toString()}`}`;
    const response = await fetch(url, {
      method: route.method,
      headers: {
        authorization: `Bearer ${address.token}`,
        'idempotency-key': call.commandId ?? uuidv7(),
        ...(hasBody ? { 'content-type': 'application/json' } : {}),
      },
      ...(hasBody ? { body: JSON.stringify(rest) } : {}),
      signal: AbortSignal.timeout(call.patienceMs ?? ATTEMPT_MS),
    });
    // Answers of the hub are JSON, and a refusal carries its code.
    const body = (await response.json()) as { code?: string };
    if (response.status >= 500 || response.status === 429)
      return { type: 'info', error: body.code ?? String(response.status) };
    if (!response.ok) return { type: 'fail', refusal: body.code ?? String(response.status) };
    const seq = response.headers.get('act-seq');
    return { type: 'ok', output: body, seq: seq === null ? undefined : Number(seq) };
  } catch (error) {
    return { type: 'info', error: error instanceof Error ? error.message : String(error) };
  }
};
