import type { IncomingMessage, ServerResponse } from 'node:http';

const LOOK_MS = 5_000;
/** A body must come, and an answer must be taken, at least so fast. */
const PACE_BYTES_PER_SECOND = 512;
/** Longer than any answer needs to make its way through the buffers of a sleepy reader. */
const STUCK_LOOKS_MAX = 3;

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  received: number;
  taken: number;
  stuck: number;
}

/** Closes connections whose bodies come, or whose answers are taken, a few bytes at a time. */
export class Pace {
  readonly #exchanges = new Set<Exchange>();
  readonly #timer = setInterval(() => this.#look(), LOOK_MS).unref();

  watch(request: IncomingMessage, response: ServerResponse): void {
    const { bytesRead, bytesWritten } = request.socket;
    const exchange = { request, response, received: bytesRead, taken: bytesWritten, stuck: 0 };
    this.#exchanges.add(exchange);
    response.once('close', () => this.#exchanges.delete(exchange));
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const least = (PACE_BYTES_PER_SECOND * LOOK_MS) / 1_000;
    for (const exchange of this.#exchanges) {
      const { request, response } = exchange;
      const { socket } = request;
      const taken = socket.bytesWritten - socket.writableLength;
      const isSlowBody = !request.complete && socket.bytesRead - exchange.received < least;
      const isSlowReader = response.writableLength > 0 && taken - exchange.taken < least;
      exchange.stuck = isSlowBody || isSlowReader ? exchange.stuck + 1 : 0;
      exchange.received = socket.bytesRead;
      exchange.taken = taken;
      if (exchange.stuck >= STUCK_LOOKS_MAX) socket.destroy();
    }
  }
}
