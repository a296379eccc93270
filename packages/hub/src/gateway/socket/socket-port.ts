import { once } from 'node:events';
import type { IncomingMessage, Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { refusal } from '@agentmix/act-contract';
import { refuse } from '../guard.ts';
import type { Guard } from '../guard.ts';
import { BACKLOG_CONNECTIONS_MAX, makeHttpServer } from '../http-server.ts';
import type { Keeper } from '../limits/keeper.ts';
import type { AnswerMalformed } from '../malformed.ts';
import type { Certificate } from '../tls/certificate.ts';

const SOCKET_IO_PATH = '/socket.io/';
const NOWHERE = refusal('route_not_found', 'this port serves Socket.IO alone');

export interface SocketPortParts {
  /** The server with every door, whose Socket.IO this one hands its connections to. */
  readonly main: HttpServer;
  readonly guard: Guard;
  readonly keeper: Keeper;
  readonly answerMalformed: AnswerMalformed;
  readonly certificate: Certificate | undefined;
}

/** Socket.IO alone, for a port of its own where a balancer sends long connections apart: the same guard, limits and TLS. */
export const makeSocketServer = ({
  main,
  guard,
  keeper,
  answerMalformed,
  certificate,
}: SocketPortParts): HttpServer => {
  const server = makeHttpServer(
    (request, response) => {
      if (guard.admits(request, response)) refuse(response, NOWHERE);
    },
    guard.Response,
    certificate,
  );
  keeper.connections.watch(server);
  server.on('clientError', answerMalformed);
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (request.url?.startsWith(SOCKET_IO_PATH)) main.emit('upgrade', request, socket, head);
    else if (guard.admitsUpgrade(request)) refuse(guard.responseTo(request), NOWHERE);
  });
  return server;
};

/** Resolves with the port when the server listens; rejects with what is in the way. */
export const listenOn = async (server: HttpServer, host: string, port: number): Promise<number> => {
  server.listen({ host, port, backlog: BACKLOG_CONNECTIONS_MAX });
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
};
