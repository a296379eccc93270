import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** A body must come, and an answer must be taken, at least so fast. */
const PACE_BYTES_PER_SECOND = 512;
/** Longer than any answer needs to make its way through the buffers of a sleepy reader. */
const STUCK_LOOKS_MAX = 3;

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** When its body has to be there, in monotonic milliseconds. */
  readonly bodyBy: number;
  received: number;
  taken: number;
  stuck: number;
}

/** Looks after all exchanges together: a timer or a listener of each would cost as much as all the rest of a door. */
export class Pace {
  readonly #exchanges = new Set<Exchange>();
  /** Exchanges by connection. */
  readonly #counts = new WeakMap<Socket, number>();
  readonly #lookMs: number;
  readonly #bodyMs: number;
  readonly #timer: NodeJS.Timeout;

  /** A body is cut at the first look after `bodyMs`; what is slow is judged by what moved between two looks. */
  constructor({ lookMs = 5_000, bodyMs = 30_000 } = {}) {
    this.#lookMs = lookMs;
    this.#bodyMs = bodyMs;
    this.#timer = setInterval(() => this.#look(), lookMs).unref();
  }

  /**
   * Closes the connection when the request’s body comes, or its answer is taken, a few bytes at a time, or when the
   * body is not there in time, unless it is one that may take as long as it does. Answers how many requests of the
   * connection have no answer yet, this one included.
   */
  watch(request: IncomingMessage, response: ServerResponse, hasLongBody = false): number {
    const { socket } = request;
    const exchange: Exchange = {
      request,
      response,
      // Node’s own bound, `requestTimeout`, holds for a server and not for a route.
      bodyBy: hasLongBody ? Infinity : performance.now() + this.#bodyMs,
      received: socket.bytesRead,
      taken: socket.bytesWritten,
      stuck: 0,
    };
    const count = (this.#counts.get(socket) ?? 0) + 1;
    this.#counts.set(socket, count);
    this.#exchanges.add(exchange);
    response.on('close', () => {
      this.#exchanges.delete(exchange);
      this.#counts.set(socket, (this.#counts.get(socket) ?? 1) - 1);
    });
    return count;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const now = performance.now();
    for (const exchange of this.#exchanges) {
      const { request } = exchange;
      // Who is late and slow is told that he is late.
      if (!request.complete && now >= exchange.bodyBy) this.#cut(exchange);
      else if (this.#isStuck(exchange)) request.socket.destroy();
    }
  }

  #isStuck(exchange: Exchange): boolean {
    const { request, response } = exchange;
    const { socket } = request;
    const least = (PACE_BYTES_PER_SECOND * this.#lookMs) / 1_000;
    const taken = socket.bytesWritten - socket.writableLength;
    const isSlowBody = !request.complete && socket.bytesRead - exchange.received < least;
    const isSlowReader = response.writableLength > 0 && taken - exchange.taken < least;
    exchange.stuck = isSlowBody || isSlowReader ? exchange.stuck + 1 : 0;
    exchange.received = socket.bytesRead;
    exchange.taken = taken;
    return exchange.stuck >= STUCK_LOOKS_MAX;
  }

  #cut(exchange: Exchange): void {
    const { request } = exchange;
    this.#exchanges.delete(exchange);
    request.socket.end('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n', () => request.destroy());
  }
}
