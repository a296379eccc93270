import type { IncomingMessage } from 'node:http';

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

/**
 * Cuts a request whose body has not come whole in so many milliseconds. Node’s own bound, `requestTimeout`, holds for
 * a server and not for a route: with it large files over slow lines could never come in.
 */
export const limitBody = (request: IncomingMessage, ms: number): void => {
  if (!hasBody(request)) return;
  const cut = setTimeout(() => {
    if (request.complete) return;
    request.socket.end('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n', () => request.destroy());
  }, ms);
  const clear = (): void => clearTimeout(cut);
  request.once('end', clear);
  request.once('close', clear);
};
