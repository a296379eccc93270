import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Limits } from '../../config/limits.ts';
import { addressKey } from './address.ts';

/** Over all addresses. A connection costs the hub some 20 kB. */
const WAITING_MAX = 1_024;

type Peer = Pick<Socket, 'remoteAddress' | 'remotePort'>;

/** The same for a connection and the TLS that runs over it. */
const nameOf = ({ remoteAddress, remotePort }: Peer): string => `${remoteAddress} ${remotePort}`;

/**
 * Who is connected. A connection waits until somebody has shown a valid token on it; when too many wait, the one that
 * waits longest is closed. So slow and silent connections push out one another, and whoever has a token gets in.
 */
export class Connections {
  readonly #limits: Pick<Limits, 'connectionsPerAddress' | 'waitingPerAddress'>;
  readonly #open = new Map<string, number>();
  /** By address, then the longest waiting first. */
  readonly #waiting = new Map<string, Map<string, Socket>>();
  readonly #order = new Map<string, Socket>();

  /** `isProxied`: all connections come from the proxy, so that their address tells nothing. */
  constructor(limits: Pick<Limits, 'connectionsPerAddress' | 'waitingPerAddress'>, isProxied: boolean) {
    this.#limits = isProxied ? { connectionsPerAddress: 0, waitingPerAddress: 0 } : limits;
  }

  get waiting(): number {
    return this.#order.size;
  }

  watch(server: Server): void {
    server.on('connection', (socket: Socket) => this.#opened(socket));
  }

  /** Somebody showed a valid token on it. */
  prove(peer: Peer): void {
    const name = nameOf(peer);
    this.#forget(addressKey(peer.remoteAddress), name);
  }

  /** It asked for something that needs no token: it is alive, and waits from now on. */
  touch(peer: Peer): void {
    const name = nameOf(peer);
    const socket = this.#order.get(name);
    if (socket) this.#wait(addressKey(peer.remoteAddress), name, socket);
  }

  /** Closes it when nobody has shown a valid token on it by then. */
  expectProof(peer: Peer, withinMs: number): void {
    const name = nameOf(peer);
    setTimeout(() => this.#order.get(name)?.destroy(), withinMs).unref();
  }

  #opened(socket: Socket): void {
    const address = addressKey(socket.remoteAddress);
    const { connectionsPerAddress } = this.#limits;
    const open = this.#open.get(address) ?? 0;
    if (connectionsPerAddress > 0 && open >= connectionsPerAddress) {
      socket.destroy();
      return;
    }
    const name = nameOf(socket);
    this.#open.set(address, open + 1);
    socket.once('close', () => {
      const left = (this.#open.get(address) ?? 1) - 1;
      if (left > 0) this.#open.set(address, left);
      else this.#open.delete(address);
      this.#forget(address, name);
    });
    this.#wait(address, name, socket);
    this.#makeRoom(address);
  }

  #wait(address: string, name: string, socket: Socket): void {
    this.#forget(address, name);
    const own = this.#waiting.get(address) ?? new Map<string, Socket>();
    own.set(name, socket);
    this.#waiting.set(address, own);
    this.#order.set(name, socket);
  }

  #makeRoom(address: string): void {
    const own = this.#waiting.get(address) ?? new Map<string, Socket>();
    const { waitingPerAddress } = this.#limits;
    const crowd =
      waitingPerAddress > 0 && own.size > waitingPerAddress
        ? own
        : this.#order.size > WAITING_MAX
          ? this.#order
          : undefined;
    const [oldest] = crowd?.values() ?? [];
    if (!oldest) return;
    this.#forget(addressKey(oldest.remoteAddress), nameOf(oldest));
    oldest.destroy();
  }

  #forget(address: string, name: string): void {
    this.#order.delete(name);
    const own = this.#waiting.get(address);
    own?.delete(name);
    if (own?.size === 0) this.#waiting.delete(address);
  }
}
