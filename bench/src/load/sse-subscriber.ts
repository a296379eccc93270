import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';

import type { Subscriber, SubscriberEvents } from './crowd.ts';

const MESSAGE_END = '\n\n';
const BOUNDS = /"firstSeq":(\d+),"lastSeq":(\d+)/;

/**
 * A server-sent event stream on a bare socket. The chunk sizes of HTTP are left in the text: they stand between
 * messages, and lines inside one end in LF alone, so that two LF in a row end a message and nothing else.
 */
export class SseSubscriber implements Subscriber {
  readonly #socket: Socket;
  readonly #events: SubscriberEvents;
  readonly #opened: (cursor: number) => void;
  #text = '';
  cursor = 0;

  private constructor(socket: Socket, events: SubscriberEvents, opened: (cursor: number) => void) {
    this.#socket = socket;
    this.#events = events;
    this.#opened = opened;
    socket.on('data', (chunk) => this.#take(chunk.toString('latin1')));
    socket.on('error', (error) => events.onLost(error));
    socket.on('close', () => events.onLost(new Error('the stream was closed')));
  }

  static async open(
    hub: { url: string; token: string },
    projectId: string,
    events: SubscriberEvents,
  ): Promise<Subscriber> {
    const { hostname, port, host } = new URL(hub.url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    return new Promise((resolve, reject) => {
      let isOpen = false;
      const onLost = (error: Error): void => (isOpen ? events.onLost(error) : reject(error));
      const subscriber = new SseSubscriber(socket, { ...events, onLost }, (cursor) => {
        isOpen = true;
        subscriber.cursor = cursor;
        resolve(subscriber);
      });
      socket.write(
        `GET /v1/projects/${projectId}/events HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${hub.token}\r\n\r\n`,
      );
    });
  }

  close(): void {
    this.#socket.removeAllListeners().on('error', () => undefined);
    this.#socket.destroy();
  }

  #take(chunk: string): void {
    this.#text += chunk;
    for (let end = this.#text.indexOf(MESSAGE_END); end !== -1; end = this.#text.indexOf(MESSAGE_END)) {
      this.#message(this.#text.slice(0, end));
      this.#text = this.#text.slice(end + MESSAGE_END.length);
    }
  }

  #message(message: string): void {
    const [, first, last] = BOUNDS.exec(message) ?? [];
    const cursor = /event: open\ndata: \{"cursor":(\d+)/.exec(message)?.[1];
    if (first !== undefined && last !== undefined) {
      this.cursor = Number(last);
      this.#events.onFrame(Number(first), this.cursor);
    } else if (cursor !== undefined) this.#opened(Number(cursor));
    else if (message.includes('event: refusal')) this.#events.onLost(new Error(message));
  }
}
