import { uuidv7 } from 'uuidv7';
import { WebSocket } from 'ws';

const PROTOCOL = 'graphql-transport-ws';
const OPEN_MS = 10_000;
const ATTEMPT_MS = 30_000;

/** A message of graphql-transport-ws, as far as rows look into it. */
export interface GraphqlMessage {
  readonly type: string;
  readonly id?: string;
  readonly payload?: unknown;
}
export interface GraphqlRequest {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}
export interface GraphqlResult {
  readonly data?: unknown;
  readonly errors?: unknown;
}

/** A WebSocket to /graphql, before anything was said over it. */
export const openGraphqlSocket = (url: string): Promise<WebSocket> =>
  new Promise((resolve, reject) => {
    const address = `${url.replace(/^http/, 'ws')}/graphql`;
    const socket = new WebSocket(address, PROTOCOL, { handshakeTimeout: OPEN_MS });
    socket.once('open', () => resolve(socket));
    // Heard as long as it lives: what breaks a connection is told by its end.
    socket.on('error', reject);
  });

/** Why a connection was closed, in the hub’s words. */
export class GraphqlClosed extends Error {
  readonly reason: string;
  constructor(code: number, reason: string) {
    super(`closed with ${code} ${reason}`);
    this.reason = reason;
  }
}

/** A connection of graphql-transport-ws whose token was taken. */
export class GraphqlConnection {
  readonly ended: Promise<void>;
  readonly #socket: WebSocket;
  readonly #listeners = new Map<string, (message: GraphqlMessage | undefined) => void>();

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    this.ended = new Promise((resolve) => socket.once('close', () => resolve()));
    socket.on('message', (data: Buffer) => {
      // What the hub sends has this form.
      const message = JSON.parse(data.toString()) as GraphqlMessage;
      if (message.type === 'ping') this.#send({ type: 'pong' });
      this.#listeners.get(message.id ?? '')?.(message);
    });
    void this.ended.then(() => this.#listeners.forEach((tell) => tell(undefined)));
  }

  /** Rejects with GraphqlClosed where the token is not taken. */
  static async open({ url, token }: { readonly url: string; readonly token?: string | undefined }) {
    const socket = await openGraphqlSocket(url);
    const acknowledged = new Promise<void>((resolve, reject) => {
      socket.once('message', () => resolve());
      socket.once('close', (code, reason) => reject(new GraphqlClosed(code, reason.toString())));
    });
    socket.send(JSON.stringify({ type: 'connection_init', payload: { token } }));
    await acknowledged;
    return new GraphqlConnection(socket);
  }

  /** Runs an operation until it is complete, the signal aborts, or the connection ends. */
  follow(
    payload: GraphqlRequest,
    onResult: (result: GraphqlResult) => void,
    signal?: AbortSignal,
  ): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    const id = uuidv7();
    return new Promise((resolve) => {
      const end = (): void => {
        this.#listeners.delete(id);
        resolve();
      };
      this.#listeners.set(id, (message) => {
        if (message?.type === 'next') return onResult(message.payload as GraphqlResult);
        if (message?.type === 'error') onResult({ errors: message.payload });
        end();
      });
      signal?.addEventListener('abort', () => {
        this.#send({ id, type: 'complete' });
        end();
      });
      this.#send({ id, type: 'subscribe', payload });
    });
  }

  /** The first result of an operation; rejects where there is none in time. */
  ask(payload: GraphqlRequest): Promise<GraphqlResult> {
    return new Promise((resolve, reject) => {
      const enough = new AbortController();
      const timer = setTimeout(() => reject(new Error('no answer in time')), ATTEMPT_MS);
      const onResult = (result: GraphqlResult): void => {
        resolve(result);
        enough.abort();
      };
      void this.follow(payload, onResult, enough.signal).then(() => {
        clearTimeout(timer);
        reject(new Error('no answer'));
      });
    });
  }

  close(): void {
    this.#socket.terminate();
  }

  #send(message: GraphqlMessage): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }
}
