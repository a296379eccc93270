import { ARTIFACT_CONTENT_PATH, commands, hubCalls, pathFields, queries } from '@agentmix/act-contract';
import type { Route } from '@agentmix/act-contract';
import type { Socket } from 'socket.io-client';
import { openSocket } from '../wire/socket.ts';

const ATTEMPT_MS = 30_000;

/** One operation of the table as it is asked for. */
export interface Call {
  readonly kind: 'command' | 'query' | 'hub';
  readonly name: string;
  readonly projectId: string | undefined;
  readonly input: Readonly<Record<string, unknown>>;
}

/** An answer as it came: every byte of its body. */
export interface Seen {
  readonly ok: boolean;
  readonly status: number;
  readonly text: string;
}

export const codeOf = ({ text }: Seen): string | undefined => {
  try {
    return (JSON.parse(text) as { code?: string }).code;
  } catch {
    return undefined;
  }
};

const routeOf = (name: string): Route => {
  const rows: Readonly<Record<string, { readonly route?: Route }>> = { ...commands, ...queries, ...hubCalls };
  const route = rows[name]?.route;
  if (!route) throw new Error(`${name} has no route`);
  return route;
};

export const get = async (url: string, token: string | undefined, init: RequestInit = {}): Promise<Seen> => {
  const headers = new Headers(init.headers);
  if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
  // A stream that opens would never end: its first bytes tell enough.
  const response = await fetch(url, {
    ...init,
    headers,
    signal: AbortSignal.timeout(ATTEMPT_MS),
    redirect: 'manual',
  });
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') ?? false;
  const text = isStream ? await firstBytes(response) : await response.text();
  return { ok: response.status < 400, status: response.status, text };
};

const firstBytes = async ({ body }: Response): Promise<string> => {
  const reader = body?.getReader();
  const read = await reader?.read();
  await reader?.cancel();
  return new TextDecoder().decode(read?.value);
};

export const overRest = (base: string, token: string | undefined, call: Call): Promise<Seen> => {
  const route = routeOf(call.name);
  const values: Readonly<Record<string, unknown>> = { ...call.input, projectId: call.projectId };
  const path = route.path.replace(/\{(\w+)\}/g, (_, field: string) =>
    encodeURIComponent(String(values[field])),
  );
  const inPath = pathFields(route.path);
  const rest = Object.entries(call.input).filter(([field]) => !inPath.includes(field));
  if (route.method === 'GET' || route.method === 'DELETE') {
    const query = new URLSearchParams(rest.map(([field, value]): [string, string] => [field, String(value)]));
    return get(`${base}/v1${path}?${query.toString()}`, token, { method: route.method });
  }
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify(Object.fromEntries(rest));
  return get(`${base}/v1${path}`, token, { method: route.method, headers, body });
};

/** A file’s bytes: sent where there are any, asked for otherwise. */
export const content = (
  base: string,
  token: string | undefined,
  projectId: string,
  artifactId: string,
  bytes?: Buffer<ArrayBuffer>,
): Promise<Seen> => {
  const path = ARTIFACT_CONTENT_PATH.replace('{projectId}', projectId).replace('{artifactId}', artifactId);
  const headers = { 'content-type': 'application/octet-stream' };
  return get(`${base}/v1${path}`, token, bytes ? { method: 'PUT', headers, body: bytes } : {});
};

interface Acknowledged {
  readonly ok: boolean;
  readonly output?: unknown;
  readonly problem?: { readonly status: number };
}

const seenOf = (answer: Acknowledged): Seen => {
  const { ok, output, problem, ...more } = answer;
  return { ok, status: problem?.status ?? 200, text: JSON.stringify(problem ?? output ?? more) };
};

export const overSocket = async (socket: Socket, { kind, name, projectId, input }: Call): Promise<Seen> =>
  // The hub's acknowledgements have this form.
  seenOf((await socket.timeout(ATTEMPT_MS).emitWithAck(kind, { name, projectId, input })) as Acknowledged);

/** Asks for a project's room. */
export const subscribe = async (socket: Socket, projectId: string): Promise<Seen> =>
  seenOf(
    (await socket.timeout(ATTEMPT_MS).emitWithAck('subscribe', { projectId, after: 0 })) as Acknowledged,
  );

/** A connection, or how it was refused. */
export const tryConnect = async (url: string, token: string | undefined): Promise<Socket | Seen> => {
  try {
    return await openSocket({ url, token: token ?? '' });
  } catch (error) {
    const { data } = error as { data?: { status?: number } };
    return { ok: false, status: data?.status ?? 0, text: JSON.stringify(data ?? String(error)) };
  }
};
