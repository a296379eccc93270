import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { setPriority } from 'node:os';

/**
 * A server that gives attackers something to attack and does next to nothing: what neighbours of the hub lose while it
 * is attacked is the price of the machine, not of the hub. WebSockets it opens, or their attacks would end before they
 * began, and closes at their first packet, of which it reads no more: as the hub does.
 */
setPriority(19);

const REFUSAL = 'HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n';
const UPGRADED = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n';
const GOODBYE = Buffer.from([0x88, 0]);

const openWebSocket = (socket: Socket): void => {
  socket.removeAllListeners('data');
  socket.write(UPGRADED);
  socket.once('data', () => {
    socket.write(GOODBYE);
    socket.destroySoon();
  });
};
const server = createServer((socket) => {
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => {
    const text = chunk.toString('latin1');
    if (text.includes('\r\nUpgrade: websocket\r\n')) return openWebSocket(socket);
    const requests = text.split('\r\n\r\n').length - 1;
    if (requests > 0) socket.write(REFUSAL.repeat(requests));
  });
});
server.listen(0, '127.0.0.1', () => {
  // It listens on a TCP port.
  const { port } = server.address() as AddressInfo;
  process.send?.({ kind: 'listening', port });
});
process.on('disconnect', () => process.exit(0));
