import { refusal } from '@agentmix/act-contract';
import type { Refusal } from '@agentmix/act-contract';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

const HEADERS_MAX = 100;
/** Requests of one connection that have no answer yet: each may hold 64 kB that a slow reader does not take. */
const PIPELINED_MAX = 4;

const lengthOf = ({ headers }: IncomingMessage): number => Number(headers['content-length'] ?? 0);

/** What is wrong with a request before its body has come: a compressed one could be a thousand times its size. */
export const checkShape = (request: IncomingMessage, bodyBytesMax: number): Refusal | undefined => {
  const { headers, rawHeaders } = request;
  if (rawHeaders.length > 2 * HEADERS_MAX)
    return refusal('headers_too_large', `at most ${HEADERS_MAX} headers`);
  if ((headers['content-encoding'] ?? 'identity').toLowerCase() !== 'identity')
    return refusal('unsupported_media_type', 'bodies are taken uncompressed');
  if (lengthOf(request) > bodyBytesMax) return refusal('payload_too_large', `at most ${bodyBytesMax} bytes`);
  return undefined;
};

/** Whether what follows a refused head is too much to be read to its end for the sake of the connection. */
export const hasMuchBody = (request: IncomingMessage): boolean =>
  request.headers['transfer-encoding'] !== undefined || lengthOf(request) > 65_536;

/** Counts requests by connection; tells when one sends more of them than it waits for answers. */
export const makePipelineCheck = (): ((
  request: IncomingMessage,
  onAnswered: (end: () => void) => void,
) => boolean) => {
  const open = new WeakMap<Socket, number>();
  return ({ socket }, onAnswered) => {
    const count = (open.get(socket) ?? 0) + 1;
    open.set(socket, count);
    onAnswered(() => open.set(socket, (open.get(socket) ?? 1) - 1));
    return count <= PIPELINED_MAX;
  };
};
