import { readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';

/** Length and code of PostgreSQL's SSLRequest. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

export interface TlsFront {
  readonly port: number;
  close(): void;
}

export interface TlsFrontOptions {
  readonly certFile: string;
  readonly keyFile: string;
  /** Authority of client certificates; given, only clients with one of its come through. */
  readonly clientCaFile?: string;
  readonly host?: string;
}

/** TLS as a PostgreSQL server speaks it, in front of one that listens on a Unix socket only. */
export const startTlsFront = async (
  socketFile: string,
  { certFile, keyFile, clientCaFile, host = '127.0.0.1' }: TlsFrontOptions,
): Promise<TlsFront> => {
  const open = new Set<Socket>();
  const secured = createTlsServer({
    cert: readFileSync(certFile),
    key: readFileSync(keyFile),
    ...(clientCaFile === undefined
      ? {}
      : { ca: readFileSync(clientCaFile), requestCert: true, rejectUnauthorized: true }),
  });
  secured.on('secureConnection', (client) => {
    const inner = connect(socketFile);
    for (const one of [client, inner]) one.on('error', () => (client.destroy(), inner.destroy()));
    client.pipe(inner).pipe(client);
  });
  const server = createServer((plain) => {
    open.add(plain);
    plain.on('error', () => plain.destroy());
    plain.once('data', (asked) => {
      // Whoever speaks in the clear is not spoken to.
      if (!asked.equals(SSL_REQUEST)) return void plain.destroy();
      plain.write('S');
      secured.emit('connection', plain);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
};
