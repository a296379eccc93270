import { createClient } from 'graphql-ws';
import type { Client } from 'graphql-ws';
import { WebSocket } from 'ws';
import type { HubAddress } from './rest-door.ts';

export const EVENTS = `subscription ($project: ID!, $after: String) {
  events(projectId: $project, after: $after) { cursor firstSeq lastSeq events { seq type } }
}`;

/** A client of graphql-transport-ws, which comes back when its connection is lost, and not when it is refused. */
export const connectGraphql = (
  { url, token }: HubAddress,
  onClosed = (_event: unknown): void => undefined,
): Client =>
  createClient({
    url: `${url.replace(/^http/, 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { token },
    retryAttempts: 0,
    lazy: false,
    onNonLazyError: () => undefined,
    on: { closed: onClosed },
  });

interface Shown {
  readonly cursor: string;
  readonly events: readonly { readonly seq: number }[];
}

/** Follows a project over a connection, and keeps what it is shown. */
export const followGraphql = (client: Client, project: string, after?: string) => {
  const seqs: number[] = [];
  const errors: unknown[] = [];
  const followed = {
    seqs,
    errors,
    cursor: after,
    isComplete: false,
    stop: (): void => undefined,
  };
  followed.stop = client.subscribe<{ events: Shown | null }>(
    { query: EVENTS, variables: { project, ...(after === undefined ? {} : { after }) } },
    {
      next: ({ data, errors: failed }) => {
        errors.push(...(failed ?? []));
        if (!data?.events) return;
        followed.cursor = data.events.cursor;
        seqs.push(...data.events.events.map(({ seq }) => seq));
      },
      error: (error) => void errors.push(...[error].flat()),
      complete: () => (followed.isComplete = true),
    },
  );
  return followed;
};
