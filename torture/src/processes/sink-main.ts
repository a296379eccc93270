import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setPriority } from 'node:os';

/**
 * A server that gives attackers something to attack and does next to nothing: what neighbours of the hub lose while it
 * is attacked is the price of the machine, not of the hub.
 */
setPriority(19);

const ANSWER = 'HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n';
const server = createServer((socket) => {
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => {
    const requests = chunk.toString('latin1').split('\r\n\r\n').length - 1;
    if (requests > 0) socket.write(ANSWER.repeat(requests));
  });
});
server.listen(0, '127.0.0.1', () => {
  // It listens on a TCP port.
  const { port } = server.address() as AddressInfo;
  process.send?.({ kind: 'listening', port });
});
process.on('disconnect', () => process.exit(0));
