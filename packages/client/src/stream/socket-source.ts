import type { Socket } from 'socket.io-client';
import { SOCKET_MESSAGES } from '../wire/names.ts';
import { isObject, isProblem, refusalOf } from '../wire/problem.ts';
import type { Speaker } from '../wire/speaker.ts';
import { makeDeadline } from '../deadline.ts';
import {
  connectSocket,
  emitWithAck,
  makeSocket,
  refusedAcknowledgement,
  SocketRefused,
} from '../wire/socket.ts';
import { checkEnd, FRAMES_WAITING_CHARS_MAX, FRAMES_WAITING_MAX, parseFrame } from './source.ts';
import type { Signal, StreamPosition, StreamSource } from './source.ts';

/** What the socket brought and the consumer has not taken yet: frames as text, or the end. */
type Arrival =
  | { readonly kind: 'frame'; readonly text: string }
  | { readonly kind: 'end'; readonly end: End };
type End = Extract<Signal, { kind: 'refused' }> | Error;

/**
 * A bounded queue between the socket, which pushes, and the consumer, who pulls. When it is full the socket is
 * disconnected, which is the only way to stop a Socket.IO server; the stream resumes by its cursor once the
 * consumer has taken what waits.
 */
class Inbox {
  readonly #socket: Socket;
  readonly #arrivals: Arrival[] = [];
  #chars = 0;
  #ended = false;
  #wake: (() => void) | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on(SOCKET_MESSAGES.frame, (text: unknown) => this.#frame(text));
    socket.on(SOCKET_MESSAGES.closed, (message: unknown) => this.#closed(message));
    socket.on('disconnect', (reason) => this.end(new Error(`the socket disconnected: ${reason}`)));
  }

  #push(arrival: Arrival): void {
    this.#arrivals.push(arrival);
    this.#wake?.();
  }

  #frame(text: unknown): void {
    if (this.#ended) return;
    if (typeof text !== 'string') {
      this.end(new Error('the hub sent a frame that is no text'));
      return;
    }
    this.#chars += text.length;
    this.#push({ kind: 'frame', text });
    if (this.#arrivals.length >= FRAMES_WAITING_MAX || this.#chars >= FRAMES_WAITING_CHARS_MAX)
      this.end(new Error('the consumer is slower than the stream'));
  }

  #closed(message: unknown): void {
    const problem = isObject(message) ? message['problem'] : undefined;
    this.end(
      isProblem(problem)
        ? { kind: 'refused', refusal: refusalOf(problem), status: problem.status }
        : new Error('the hub closed the stream'),
    );
  }

  end(end: End): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#push({ kind: 'end', end });
    this.#socket.disconnect();
  }

  async next(): Promise<Arrival> {
    for (;;) {
      const arrival = this.#arrivals.shift();
      if (arrival?.kind === 'frame') this.#chars -= arrival.text.length;
      if (arrival) return arrival;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

const subscribe = async (
  speaker: Speaker,
  socket: Socket,
  position: StreamPosition,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Signal> => {
  const deadline = makeDeadline(timeoutMs, [signal]);
  try {
    await connectSocket(socket, speaker, deadline.signal);
    const message = {
      projectId: position.projectId,
      ...(position.cursor === undefined ? {} : { after: position.cursor }),
    };
    const answer = await emitWithAck(socket, SOCKET_MESSAGES.subscribe, message, timeoutMs, deadline.signal);
    const refused = refusedAcknowledgement(answer);
    if (refused) return refused;
    if (!isObject(answer) || typeof answer['cursor'] !== 'number')
      throw new Error('the hub sent an unreadable acknowledgement');
    return { kind: 'open', cursor: answer['cursor'] };
  } catch (error) {
    if (error instanceof SocketRefused && error.answer.kind === 'refused') return error.answer;
    throw error;
  } finally {
    deadline.dispose();
  }
};

/** Streams over Socket.IO, each on a socket of its own, so that a slow one holds up no other and no call. */
export const makeSocketSource = (speaker: Speaker, connectMs: number): StreamSource =>
  async function* stream(position, signal) {
    const socket = await makeSocket(speaker);
    const inbox = new Inbox(socket);
    const abort = () => inbox.end(new Error('aborted'));
    signal.addEventListener('abort', abort, { once: true });
    try {
      const opened = await subscribe(speaker, socket, position, connectMs, signal);
      yield opened;
      if (opened.kind !== 'open') return;
      for (;;) {
        const arrival = await inbox.next();
        if (arrival.kind === 'frame') yield { kind: 'frame', frame: parseFrame(arrival.text) };
        else if (arrival.end instanceof Error) throw arrival.end;
        else {
          yield checkEnd(speaker, arrival.end);
          return;
        }
      }
    } finally {
      signal.removeEventListener('abort', abort);
      socket.disconnect();
    }
  };
