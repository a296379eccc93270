import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Limits } from '../../config/limits.ts';
import { addressKey } from './address.ts';

/** Over all addresses. One costs the hub 20 kB, and up to 300 kB when it does not read what it asked for. */
const WAITING_MAX = 1_024;
/** So long somebody who just came may take to show a token: then a thousand that reconnect at once all get in … */
const GRACE_MS = 1_000;
/** … unless they are this many times more than may wait. */
const CROWD_FACTOR = 4;

type Peer = Pick<Socket, 'remoteAddress' | 'remotePort'>;

interface Waiting {
  readonly socket: Socket;
  /** Monotonic milliseconds. */
  readonly since: number;
}

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
  readonly #waiting = new Map<string, Map<string, Waiting>>();
  readonly #order = new Map<string, Waiting>();
  /** Those on which somebody has shown a valid token: every further call on them is spared the names. */
  readonly #proven = new WeakSet<Peer>();

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

  /** Somebody showed a valid token on it. True when nobody had before. */
  prove(peer: Peer): boolean {
    if (this.#proven.has(peer)) return false;
    this.#proven.add(peer);
    const name = nameOf(peer);
    this.#forget(addressKey(peer.remoteAddress), name);
    return true;
  }

  /** It asked for something that needs no token: it is alive, and waits from now on. */
  touch(peer: Peer): void {
    const name = nameOf(peer);
    const waiting = this.#order.get(name);
    if (waiting) this.#wait(addressKey(peer.remoteAddress), name, waiting.socket);
  }

  /** Closes it when nobody has shown a valid token on it by then. */
  expectProof(peer: Peer, withinMs: number): void {
    const name = nameOf(peer);
    setTimeout(() => this.#order.get(name)?.socket.destroy(), withinMs).unref();
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
    const waiting = { socket, since: performance.now() };
    const own = this.#waiting.get(address) ?? new Map<string, Waiting>();
    own.set(name, waiting);
    this.#waiting.set(address, own);
    this.#order.set(name, waiting);
  }

  #makeRoom(address: string): void {
    const { waitingPerAddress } = this.#limits;
    const own = this.#waiting.get(address);
    if (own && waitingPerAddress > 0) this.#shrink(own, waitingPerAddress);
    this.#shrink(this.#order, WAITING_MAX);
  }

  /** Closes the longest waiting; two for each that comes, so that a crowd becomes smaller again. */
  #shrink(waiting: ReadonlyMap<string, Waiting>, most: number): void {
    for (let count = 0; count < 2; count++) {
      const [longest] = waiting.values();
      if (!longest || waiting.size <= most) return;
      const isNew = performance.now() - longest.since < GRACE_MS;
      if (isNew && waiting.size <= CROWD_FACTOR * most) return;
      this.#forget(addressKey(longest.socket.remoteAddress), nameOf(longest.socket));
      longest.socket.destroy();
    }
  }

  #forget(address: string, name: string): void {
    this.#order.delete(name);
    const own = this.#waiting.get(address);
    own?.delete(name);
    if (own?.size === 0) this.#waiting.delete(address);
  }
}
