import { createServer } from 'node:http';
import type { RequestListener, Server, ServerOptions, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Certificate } from './tls/certificate.ts';

const HEADER_BYTES_MAX = 16_384;
const HEADERS_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_MS = 72_000;
const HANDSHAKE_TIMEOUT_MS = 5_000;
/** Nothing read or written: longer than the longest answer that waits for something to happen. */
const SILENCE_MS = 90_000;
const CONNECTIONS_MAX = 10_000;
/**
 * Connections that the kernel keeps for a hub that is busy. Beyond it the kernel drops them without a word and callers
 * try again after 1, 3 and 7 s; with Node's 511 a thousand streams that came back at once kept agents out for longer
 * than their leases. Linux has this as its own limit (`net.core.somaxconn`).
 */
export const BACKLOG_CONNECTIONS_MAX = 4_096;

const OPTIONS: ServerOptions = {
  maxHeaderSize: HEADER_BYTES_MAX,
  headersTimeout: HEADERS_TIMEOUT_MS,
  // Node’s bound of a whole body holds for every route, and large files take longer: `Pace` keeps ours.
  requestTimeout: 0,
  keepAliveTimeout: KEEP_ALIVE_MS,
  connectionsCheckingInterval: 1_000,
  insecureHTTPParser: false,
};

/** The HTTP server below every door: TLS 1.3 alone where there is a certificate, and every limit that Node keeps. */
export const makeHttpServer = (
  listener: RequestListener,
  Response: typeof ServerResponse,
  certificate: Certificate | undefined,
): Server => {
  const options = { ...OPTIONS, ServerResponse: Response };
  const server = certificate
    ? createTlsServer(
        {
          ...options,
          ...certificate,
          minVersion: 'TLSv1.3',
          handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
          requestCert: certificate.ca !== undefined,
        },
        listener,
      )
    : createServer(options, listener);
  // Node stops listening for errors where a connection is upgraded, and one that nobody listens for ends the process:
  // whoever is refused a WebSocket and hangs up would end the hub.
  for (const event of ['connection', 'secureConnection'])
    server.on(event, (socket: Socket) => socket.on('error', () => socket.destroy()));
  server.maxConnections = CONNECTIONS_MAX;
  // Node would drop what is beyond its limit without a word; ours refuses by name, and their size is bounded.
  server.maxHeadersCount = 0;
  server.setTimeout(SILENCE_MS);
  // Whoever asks whether to send the body is told when the head was let in.
  server.on('checkContinue', listener);
  return server;
};
