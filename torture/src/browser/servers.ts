import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { connect, createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { Server as SocketIoServer } from 'socket.io';
import { repositoryRoot } from '../processes/copy-tree.ts';
import type { Stage } from '../processes/stage.ts';

const listen = async (server: Server, stage: Stage): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stage.onClose(async () => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
};

const CLIENT = 'node_modules/socket.io-client/dist/socket.io.min.js';
const SCRIPTS: Readonly<Record<string, string>> = {
  '/attacks.js': 'torture/pages/attacks.js',
  '/means.js': 'torture/pages/means.js',
  '/graphql.js': 'torture/pages/graphql.js',
  '/friend.js': 'torture/pages/friend.js',
  '/worker.js': 'torture/pages/worker.js',
  '/socket.io.js': CLIENT,
};
const page = (module: string): string =>
  `<!doctype html><title>page</title><body></body><script src="/socket.io.js"></script><script type="module" src="${module}"></script>`;

/** Serves the pages, the attacker's and the friend's alike; connections end with each answer. */
export const servePages = (stage: Stage): Promise<number> => {
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0] ?? '';
    const script = SCRIPTS[path];
    response.setHeader('connection', 'close');
    if (script !== undefined)
      response
        .setHeader('content-type', 'text/javascript')
        .end(readFileSync(join(repositoryRoot(), script), 'utf8'));
    else
      response
        .setHeader('content-type', 'text/html')
        .end(page(path === '/friend' ? '/friend.js' : '/attacks.js'));
  });
  return listen(server, stage);
};

/** Bodies that each kind of loader takes: what is no page of text is valid JavaScript and JSON. */
const WORD = '"careless"';
const PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" width="7" height="7"></svg>';
const kindOf = (request: IncomingMessage): readonly [type: string, body: string] => {
  const kind = String(request.headers['sec-fetch-dest'] ?? '');
  if (kind === 'image' || kind === 'object' || kind === 'embed' || /\.svg/.test(request.url ?? ''))
    return ['image/svg+xml', PICTURE];
  if (kind === 'style' || /\.css/.test(request.url ?? '')) return ['text/css', 'body { color: red }'];
  if (/event-stream/.test(String(request.headers.accept))) return ['text/event-stream', `data: ${WORD}\n\n`];
  if (/\/docs\/($|\?)/.test(request.url ?? '')) return ['text/html', `<p>${WORD}</p>`];
  return ['text/javascript', WORD];
};

/** A server as many are: it answers everybody and lets every page read. Tells which attacks reached it, by their mark. */
export interface CarelessServer {
  readonly port: number;
  readonly reachedBy: Set<string>;
}

export const serveCarelessly = async (stage: Stage): Promise<CarelessServer> => {
  const reachedBy = new Set<string>();
  const note = ({ url }: IncomingMessage): void => {
    const mark = new URLSearchParams(url?.split('?')[1]).get('mark');
    if (mark !== null) reachedBy.add(mark);
  };
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const [type, body] = kindOf(request);
    const origin = request.headers.origin ?? '*';
    response
      .writeHead(request.method === 'OPTIONS' ? 204 : 200, {
        'content-type': type,
        'access-control-allow-origin': origin,
        'access-control-allow-credentials': 'true',
        'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE',
        'access-control-allow-headers': String(request.headers['access-control-request-headers'] ?? '*'),
        'access-control-allow-private-network': 'true',
        'timing-allow-origin': '*',
      })
      .end(request.method === 'OPTIONS' ? undefined : body);
  };
  const server = createServer(answer);
  // Socket.IO, as it comes: it asks no page where it is from.
  const io = new SocketIoServer(server, { cors: { origin: true, credentials: true } });
  server.prependListener('request', note);
  server.prependListener('upgrade', note);
  stage.onClose(() => io.close());
  return { port: await listen(server, stage), reachedBy };
};

/** A port that leads first here and then there, as a name does whose address is changed: the heart of DNS rebinding. */
export interface Switch {
  readonly port: number;
  /** New connections go to this port of 127.0.0.1. */
  turnTo(port: number): void;
}

/** Listens on both loopback addresses. */
export const openSwitch = async (stage: Stage): Promise<Switch> => {
  let target = 0;
  const open = new Set<Socket>();
  const relay = (from: Socket): void => {
    const to = connect(target, '127.0.0.1');
    for (const socket of [from, to]) {
      open.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        open.delete(socket);
        from.destroy();
        to.destroy();
      });
    }
    from.pipe(to);
    to.pipe(from);
  };
  const servers = ['127.0.0.1', '::1'].map((host) => ({ host, server: createTcpServer(relay) }));
  let port = 0;
  for (const { host, server } of servers) {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
    port = (server.address() as AddressInfo).port;
  }
  stage.onClose(async () => {
    for (const socket of open) socket.destroy();
    for (const { server } of servers) server.close();
  });
  return {
    port,
    turnTo: (next) => {
      target = next;
      for (const socket of open) socket.destroy();
    },
  };
};
