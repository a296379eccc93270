import { httpRequest } from './http-request.ts';
import { bearer } from './rest-door.ts';
import type { HubAddress } from './rest-door.ts';

export interface GraphqlAnswer {
  readonly status: number;
  readonly data: Record<string, unknown>;
  readonly errors?: { readonly message: string; readonly extensions: Record<string, unknown> }[];
}

/** Sends anything as the body of a request to /graphql, and answers what came. */
export const postGraphql = async (hub: HubAddress, body: unknown): Promise<GraphqlAnswer> => {
  const headers = {
    ...bearer(hub),
    'content-type': 'application/json',
    accept: 'application/graphql-response+json',
  };
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const answer = await httpRequest(`${hub.url}/graphql`, { method: 'POST', headers, body: text });
  return { status: answer.status, ...(JSON.parse(answer.text) as Omit<GraphqlAnswer, 'status'>) };
};

export const askGraphql = (
  hub: HubAddress,
  query: string,
  variables: Record<string, unknown> = {},
): Promise<GraphqlAnswer> => postGraphql(hub, { query, variables });
