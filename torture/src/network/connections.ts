import { readFileSync } from 'node:fs';

/** An established TCP connection, seen from the namespace of a process. */
export interface Connection {
  readonly localPort: number;
  readonly remotePort: number;
  readonly remoteAddress: string;
}

const ESTABLISHED = '01';

/** The kernel writes addresses as hexadecimal words in the order of this machine, ports as they are read. */
const addressOf = (hex: string): string => {
  // IPv6 sockets carry IPv4 as ::ffff:a.b.c.d, in the last word.
  const word = hex.slice(-8);
  return [6, 4, 2, 0].map((at) => Number.parseInt(word.slice(at, at + 2), 16)).join('.');
};

/** All established connections in the network namespace of a process; Linux. */
export const connectionsOf = (pid: number): Connection[] =>
  ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/${pid}/net/${table}`, 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state]) => state === ESTABLISHED)
      .map(([, local = '', remote = '']) => {
        const [, localPort = ''] = local.split(':');
        const [address = '', remotePort = ''] = remote.split(':');
        return {
          localPort: Number.parseInt(localPort, 16),
          remotePort: Number.parseInt(remotePort, 16),
          remoteAddress: addressOf(address),
        };
      }),
  );
