import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

/** A TCP proxy that cuts what goes through it, in the middle of a chunk when there is one. */
export class CuttingProxy {
  readonly #target: number;
  readonly #server: Server;
  readonly #pairs = new Set<{ client: Socket; cut: boolean }>();

  private constructor(target: number) {
    this.#target = target;
    this.#server = createServer((client) => this.#join(client));
  }

  static async start(target: number): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(target);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  #join(client: Socket): void {
    const hub = connect(this.#target, '127.0.0.1');
    const pair = { client, cut: false };
    this.#pairs.add(pair);
    const end = (): void => {
      this.#pairs.delete(pair);
      client.destroy();
      hub.destroy();
    };
    for (const socket of [client, hub]) socket.on('error', end).on('close', end);
    client.pipe(hub);
    hub.on('data', (chunk: Buffer) => {
      if (!pair.cut) {
        if (!client.write(chunk)) {
          hub.pause();
          client.once('drain', () => hub.resume());
        }
        return;
      }
      const part = chunk.subarray(0, Math.floor(Math.random() * chunk.length));
      client.write(part, end);
    });
  }

  /** Cuts every connection: within the next chunk of the hub's, or, when none comes soon, where it is. */
  cut(): void {
    for (const pair of this.#pairs) {
      pair.cut = true;
      setTimeout(() => pair.client.destroy(), 20);
    }
  }

  async stop(): Promise<void> {
    for (const { client } of this.#pairs) client.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}
