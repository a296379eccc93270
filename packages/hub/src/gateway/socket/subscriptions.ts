import { problemOf, refusal, Seq, Uuid } from '@agentmix/act-contract';
import type { Refusal } from '@agentmix/act-contract';
import type { Socket } from 'socket.io';
import type { OutgoingFrame, Sink, Subscription } from '../../app/fan-out.ts';
import type { Bearer } from '../../access/access.ts';
import type { Calls } from '../calls.ts';

const SUBSCRIPTIONS_MAX = 64;
/** Frames that wait in the connection beyond this make it full. */
const BUFFERED_BYTES_MAX = 1_048_576;
const BUFFERED_PACKETS_MAX = 256;
const DRAIN_POLL_MS = 20;

export type Subscribed =
  | { readonly ok: true; readonly cursor: number; readonly seq: number }
  | { readonly ok: false; readonly refusal: Refusal };

const refuse = (value: Refusal): Subscribed => ({ ok: false, refusal: value });

/** Whether much waits: in Engine.IO, which collects packets while the WebSocket writes, or in the WebSocket itself. */
const isFull = (socket: Socket, bytesMax: number): boolean => {
  const { transport, writeBuffer } = socket.conn as unknown as {
    transport: { socket?: { bufferedAmount?: number } };
    writeBuffer: readonly { data?: unknown }[];
  };
  if (writeBuffer.length > BUFFERED_PACKETS_MAX) return true;
  const waiting = writeBuffer.reduce(
    (sum, { data }) => sum + (typeof data === 'string' ? data.length : 0),
    0,
  );
  return (transport.socket?.bufferedAmount ?? 0) + waiting > bytesMax;
};

const sinkOf = (socket: Socket, projectId: string, forget: () => void): Sink => ({
  send: (frame: OutgoingFrame) => {
    socket.emit('frame', frame.text);
    return !isFull(socket, BUFFERED_BYTES_MAX);
  },
  whenDrained: async () => {
    while (socket.connected && isFull(socket, BUFFERED_BYTES_MAX / 2)) {
      await new Promise((resolve) => setTimeout(resolve, DRAIN_POLL_MS));
    }
  },
  close: (reason, cursor) => {
    forget();
    socket.emit('closed', { projectId, problem: problemOf(reason), cursor });
  },
});

/** The streams of one connection. What is asked for is done in turn, so that giving up a stream never overtakes asking for it. */
export class Subscriptions {
  readonly #calls: Calls;
  readonly #bearer: Bearer;
  readonly #socket: Socket;
  readonly #open = new Map<string, Subscription>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(calls: Calls, bearer: Bearer, socket: Socket) {
    this.#calls = calls;
    this.#bearer = bearer;
    this.#socket = socket;
  }

  subscribe(projectId: unknown, after: unknown): Promise<Subscribed> {
    return this.#inTurn(() => this.#subscribe(projectId, after));
  }

  unsubscribe(projectId: unknown): Promise<void> {
    return this.#inTurn(async () => {
      const project = String(projectId).toLowerCase();
      this.#open.get(project)?.cancel();
      this.#open.delete(project);
    });
  }

  cancelAll(): void {
    for (const subscription of this.#open.values()) subscription.cancel();
    this.#open.clear();
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  async #subscribe(projectId: unknown, after: unknown): Promise<Subscribed> {
    const id = Uuid.safeParse(projectId);
    const cursor = Seq.optional().safeParse(after);
    if (!id.success || !cursor.success) {
      const field = id.success ? 'after' : 'projectId';
      return refuse(
        refusal('invalid_input', `${field}: malformed`, { fields: [{ field, message: 'malformed' }] }),
      );
    }
    const project = id.data.toLowerCase();
    if (!this.#open.has(project) && this.#open.size >= SUBSCRIPTIONS_MAX) {
      return refuse(refusal('limit_reached', `at most ${SUBSCRIPTIONS_MAX} streams on one connection`));
    }
    const forget = (): void => {
      if (this.#open.get(project) === subscription) this.#open.delete(project);
    };
    const subscribed = await this.#calls.subscribe(
      this.#bearer,
      project,
      cursor.data,
      sinkOf(this.#socket, project, forget),
    );
    if ('refusal' in subscribed) return refuse(subscribed.refusal);
    const { subscription, seq } = subscribed;
    this.#open.get(project)?.cancel();
    this.#open.set(project, subscription);
    if (!this.#socket.connected) this.cancelAll();
    return { ok: true, cursor: subscribed.cursor, seq };
  }
}
