/**
 * The wire's names that the contract's table of commands does not hold: the root, the stream and the headers.
 * They stand here once; every command and query is addressed from the table.
 */
export const ROOT_PATH = '/v1';
export const STREAM_PATH = '/projects/{projectId}/events';
export const SOCKET_PATH = '/socket.io';

export const HEADERS = {
  authorization: 'authorization',
  idempotencyKey: 'idempotency-key',
  lastEventId: 'last-event-id',
  retryAfter: 'retry-after',
  seq: 'act-seq',
} as const;

export const STREAM_MESSAGES = { open: 'open', frame: 'frame', refusal: 'refusal' } as const;

export const SOCKET_MESSAGES = {
  command: 'command',
  query: 'query',
  subscribe: 'subscribe',
  frame: 'frame',
  closed: 'closed',
} as const;
