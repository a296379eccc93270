import { isRecord, routeOf } from './contract.ts';
import type { Answer } from './contract.ts';
import type { Door } from './door.ts';
import { httpRequest } from './http-request.ts';
import type { HttpAnswer } from './http-request.ts';

export interface HubAddress {
  readonly url: string;
  readonly token: string;
}

export const bearer = ({ token }: HubAddress): Record<string, string> => ({
  authorization: `Bearer ${token}`,
});

/** Path of a call with its fields filled in, and the fields that are left. */
export const addressOf = (
  name: string,
  projectId: string | undefined,
  input: Record<string, unknown>,
): { path: string; rest: Record<string, unknown> } => {
  const rest = { ...input };
  const path = routeOf(name).path.replace(/\{(\w+)\}/g, (_all, field: string) => {
    const value = field === 'projectId' ? projectId : rest[field];
    if (field !== 'projectId') delete rest[field];
    return encodeURIComponent(String(value));
  });
  return { path: `/v1${path}`, rest };
};

export const answerOf = ({ status, text, headers }: HttpAnswer): Answer => {
  const body: unknown = text === '' ? {} : JSON.parse(text);
  const seq = headers['act-seq'];
  return {
    ok: status < 300,
    status,
    body: isRecord(body) ? body : { body },
    ...(typeof seq === 'string' ? { seq: Number(seq) } : {}),
  };
};

const queryString = (fields: Record<string, unknown>): string => {
  const text = new URLSearchParams(
    Object.entries(fields).map(([key, value]): [string, string] => [key, String(value)]),
  ).toString();
  return text === '' ? '' : `?${text}`;
};

export const contentUrl = ({ url }: HubAddress, projectId: string, artifactId: string): string =>
  `${url}/v1/projects/${projectId}/artifacts/${artifactId}/content`;

export const uploadOver =
  (hub: HubAddress): Door['upload'] =>
  async (projectId, artifactId, content) => {
    const headers = { ...bearer(hub), 'content-type': 'application/octet-stream' };
    const options = { method: 'PUT', headers, body: content };
    const { status, text } = await httpRequest(contentUrl(hub, projectId, artifactId), options);
    if (status !== 200) throw new Error(`upload: ${status} ${text}`);
  };

/** One call over REST, answered as it came. An input that is no object goes as the body it is. */
export const restCall = (
  hub: HubAddress,
  name: string,
  projectId: string | undefined,
  input: unknown,
  commandId?: string,
): Promise<HttpAnswer> => {
  const { method } = routeOf(name);
  const { path, rest } = addressOf(name, projectId, isRecord(input) ? input : {});
  const hasBody = method !== 'GET' && method !== 'DELETE';
  const headers = {
    ...bearer(hub),
    ...(hasBody ? { 'content-type': 'application/json' } : {}),
    ...(commandId === undefined ? {} : { 'idempotency-key': commandId }),
  };
  const url = `${hub.url}${path}${hasBody ? '' : queryString(rest)}`;
  const body = JSON.stringify(isRecord(input) ? rest : input);
  return httpRequest(url, { method, headers, ...(hasBody ? { body } : {}) });
};

/** REST. */
export const openRest = (hub: HubAddress): Door => {
  const send = async (...call: Parameters<Door['command']>): Promise<Answer> =>
    answerOf(await restCall(hub, ...call));
  return { name: 'REST', command: send, query: send, upload: uploadOver(hub), close: () => undefined };
};
