import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';

export interface Response {
  status: number;
  body: string;
  /** Position in the project's log that the answer is true at. */
  seq?: number;
}

interface Waiting {
  resolve: (response: Response) => void;
  reject: (error: Error) => void;
}

const HEAD_END = '\r\n\r\n';

/**
 * One keep-alive connection that carries one request at a time. Written on a bare socket, because a general client
 * costs more processor time per request than the servers measured here, and they share two cores with it.
 */
export class HttpConnection {
  readonly #socket: Socket;
  readonly #headers: string;
  #waiting: Waiting | undefined;
  #failure: Error | undefined;
  #received: Buffer = Buffer.alloc(0);

  private constructor(socket: Socket, headers: string) {
    this.#socket = socket;
    this.#headers = headers;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#take(chunk));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('the server closed the connection')));
  }

  static async open(url: string, token?: string): Promise<HttpConnection> {
    const { hostname, port, host } = new URL(url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    const authorization = token === undefined ? '' : `authorization: Bearer ${token}\r\n`;
    return new HttpConnection(socket, `host: ${host}\r\n${authorization}`);
  }

  /** `headers` are whole lines, each ended by CRLF. */
  request(method: string, path: string, body?: string, headers = ''): Promise<Response> {
    if (this.#waiting) throw new Error('one request at a time');
    // Closed while nobody waited: nothing would ever answer.
    if (this.#failure) return Promise.reject(this.#failure);
    const length =
      body === undefined
        ? ''
        : `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n`;
    this.#socket.write(`${method} ${path} HTTP/1.1\r\n${this.#headers}${headers}${length}\r\n${body ?? ''}`);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  close(): void {
    this.#waiting = undefined;
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    const headEnd = this.#received.indexOf(HEAD_END);
    if (headEnd === -1) return;
    const head = this.#received.toString('latin1', 0, headEnd);
    const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? Number.NaN);
    if (Number.isNaN(length)) return this.#fail(new Error(`an answer without length: ${head}`));
    const bodyStart = headEnd + HEAD_END.length;
    if (this.#received.length < bodyStart + length) return;
    const body = this.#received.toString('utf8', bodyStart, bodyStart + length);
    const seq = /^act-seq: (\d+)/im.exec(head)?.[1];
    const { resolve } = this.#waiting ?? {};
    this.#waiting = undefined;
    this.#received = this.#received.subarray(bodyStart + length);
    resolve?.({ status: Number(head.slice(9, 12)), body, ...(seq !== undefined && { seq: Number(seq) }) });
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#waiting?.reject(error);
    this.#waiting = undefined;
  }
}
