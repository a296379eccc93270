import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/**
 * A TCP proxy in front of any hub that cuts a connection after so many bytes of the hub’s answer, once per
 * entry of `cuts`; connections beyond the list pass whole.
 */
export const startCuttingProxy = async (target: string, cuts: number[]) => {
  const { hostname, port } = new URL(target);
  const open = new Set<Socket>();
  let connections = 0;
  const server = createServer((client) => {
    const upstream = connect(Number(port === '' ? 80 : port), hostname);
    const bytesMax = cuts[connections++] ?? Number.POSITIVE_INFINITY;
    let bytes = 0;
    const end = () => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('error', end);
      socket.on('close', () => {
        open.delete(socket);
        end();
      });
    }
    client.pipe(upstream);
    upstream.on('data', (chunk: Buffer) => {
      const part = chunk.subarray(0, Math.max(0, bytesMax - bytes));
      bytes += chunk.length;
      client.write(part, () => {
        if (bytes >= bytesMax) end();
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: () => connections,
    /** Cuts every connection that is open. */
    cut: () => {
      for (const socket of open) socket.destroy();
    },
    async stop() {
      for (const socket of open) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
};
