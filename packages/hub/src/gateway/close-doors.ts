import type { FastifyInstance } from 'fastify';
import type { Server as HttpServer } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Server } from 'socket.io';

/** How long answers have to get out, and WebSocket clients to say goodbye. */
const STOP_GRACE_MS = 500;

/** Made before the server listens, so that it knows every connection; closes all doors. */
export const makeDoorCloser = (
  app: FastifyInstance,
  io: Server,
  closeWebSockets: () => void,
  apart: HttpServer | undefined,
): (() => Promise<void>) => {
  const upgraded = new Set<Duplex>();
  app.server.on('upgrade', (_request, socket: Duplex) => {
    upgraded.add(socket);
    socket.once('close', () => upgraded.delete(socket));
  });
  return async () => {
    closeWebSockets();
    apart?.close();
    const closed = io.close();
    // Engine and HTTP server wait for their connections; those that never finish a request, or do not read, never end.
    app.server.closeIdleConnections();
    const cut = setTimeout(() => {
      app.server.closeAllConnections();
      apart?.closeAllConnections();
      upgraded.forEach((socket) => socket.destroy());
    }, STOP_GRACE_MS);
    await closed;
    clearTimeout(cut);
    await app.close();
  };
};
