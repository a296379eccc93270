import { refusal } from '@agentmix/act-contract';
import type { Refusal } from '@agentmix/act-contract';
import type { IncomingMessage } from 'node:http';

const HEADERS_MAX = 100;

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
