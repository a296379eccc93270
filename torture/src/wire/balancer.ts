import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

/**
 * A TCP balancer that knows nothing of HTTP: each connection goes to the next port in turn, or to the one after it where
 * nobody listens. Who is killed takes its connections along.
 */
export class Balancer {
  readonly #ports: readonly number[];
  readonly #server: Server;
  readonly #clients = new Set<Socket>();
  #next = 0;

  private constructor(ports: readonly number[]) {
    this.#ports = ports;
    this.#server = createServer((client) => {
      this.#clients.add(client);
      client.on('error', () => client.destroy()).on('close', () => this.#clients.delete(client));
      this.#join(client, this.#ports.length);
    });
  }

  static async start(ports: readonly number[]): Promise<Balancer> {
    const balancer = new Balancer(ports);
    await new Promise<void>((resolve) => balancer.#server.listen(0, '127.0.0.1', resolve));
    return balancer;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  #join(client: Socket, triesLeft: number): void {
    const port = this.#ports[this.#next++ % this.#ports.length] ?? 0;
    const hub = connect(port, '127.0.0.1');
    let isConnected = false;
    hub.once('connect', () => {
      isConnected = true;
      client.pipe(hub).pipe(client);
      client.once('close', () => hub.destroy());
    });
    hub.on('error', () => undefined);
    hub.once('close', () => {
      if (isConnected || triesLeft <= 1 || client.destroyed) client.destroy();
      else this.#join(client, triesLeft - 1);
    });
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) client.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}
