import { BODY_BYTES_MAX } from '@agentmix/act-contract';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { refuse } from '../../guard.ts';
import type { Guard } from '../../guard.ts';
import type { Keeper } from '../../limits/keeper.ts';
import { GRAPHQL_PATH } from '../graphql-door.ts';
import type { Load } from '../graphql-door.ts';

const PROTOCOL = 'graphql-transport-ws';
const PING_MS = 10_000;
const RESTARTING = 1012;

/** Connections that answer no ping between two looks are closed. */
const keepAlive = (server: WebSocketServer): (() => void) => {
  const alive = new WeakSet<WebSocket>();
  server.on('connection', (socket: WebSocket) => {
    alive.add(socket);
    socket.on('pong', () => alive.add(socket));
  });
  const timer = setInterval(() => {
    for (const socket of server.clients) {
      if (!alive.delete(socket)) socket.terminate();
      else socket.ping();
    }
  }, PING_MS).unref();
  return () => clearInterval(timer);
};

/** The WebSockets of /graphql, beside those of Socket.IO on the same server; closes them all. */
export const addWebSockets = (
  server: Server,
  guard: Guard,
  keeper: Pick<Keeper, 'checkUpgrade'>,
  load: Load,
): (() => void) => {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: BODY_BYTES_MAX,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(PROTOCOL) ? PROTOCOL : false),
  });
  const stopPinging = keepAlive(sockets);
  const open = (socket: WebSocket, request: IncomingMessage): void => {
    // An error of one connection must never end the process.
    socket.on('error', () => socket.terminate());
    // What is said before the schema is there waits in the connection.
    socket.pause();
    void load().then(
      ({ overWebSocket }) => {
        overWebSocket(socket, request);
        socket.resume();
      },
      () => socket.terminate(),
    );
  };
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (request.url?.split('?', 1)[0] !== GRAPHQL_PATH || !guard.admitsUpgrade(request)) return;
    const wrong = keeper.checkUpgrade(request);
    if (wrong) return refuse(guard.responseTo(request), wrong);
    sockets.handleUpgrade(request, socket, head, (opened) => {
      sockets.emit('connection', opened, request);
      open(opened, request);
    });
  });
  return () => {
    stopPinging();
    for (const socket of sockets.clients) socket.close(RESTARTING, 'unavailable');
  };
};
