import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';

const HEAD_END = '\r\n\r\n';
const TEXT_FRAME = 0x81;
const CLOSE_OPCODE = 8;
const MASKED = 0x80;
const SHORT_BYTES_MAX = 125;
const MEDIUM_BYTES_MAX = 65_535;

/** Frame of RFC 6455 with one text. A client has to mask; a mask of zeros leaves the bytes as they are. */
const frameOf = (text: string): Buffer => {
  const payload = Buffer.from(text);
  if (payload.length > MEDIUM_BYTES_MAX) throw new Error('a text too long for this client');
  const isShort = payload.length <= SHORT_BYTES_MAX;
  const head = Buffer.alloc((isShort ? 2 : 4) + 4);
  head[0] = TEXT_FRAME;
  head[1] = MASKED | (isShort ? payload.length : 126);
  if (!isShort) head.writeUInt16BE(payload.length, 2);
  return Buffer.concat([head, payload]);
};

/** Bytes of head and payload of the frame that begins the buffer, when the head is there. */
const measureFrame = (buffer: Buffer): { head: number; payload: number } | undefined => {
  if (buffer.length < 2) return undefined;
  const short = (buffer[1] ?? 0) & 0x7f;
  if (short <= SHORT_BYTES_MAX) return { head: 2, payload: short };
  if (short === 126) return buffer.length < 4 ? undefined : { head: 4, payload: buffer.readUInt16BE(2) };
  return buffer.length < 10 ? undefined : { head: 10, payload: Number(buffer.readBigUInt64BE(2)) };
};

/**
 * The texts of one WebSocket of Socket.IO's server, on a bare socket: answers pings by itself. Lighter than the
 * official client, with which the bench would use more of the machine than the hub.
 */
export class EngineSocket {
  readonly #socket: Socket;
  #received: Buffer = Buffer.alloc(0);
  #isUpgraded = false;
  onText: (text: string) => void = () => undefined;
  onLost: (error: Error) => void = () => undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#take(chunk));
    socket.on('error', (error) => this.onLost(error));
    socket.on('close', () => this.onLost(new Error('the socket was closed')));
  }

  static async open(url: string): Promise<EngineSocket> {
    const { hostname, port, host } = new URL(url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    const engine = new EngineSocket(socket);
    socket.write(
      `GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nhost: ${host}\r\nconnection: Upgrade\r\n` +
        'upgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
    );
    return engine;
  }

  send(text: string): void {
    this.#socket.write(frameOf(text));
  }

  close(): void {
    this.#socket.removeAllListeners().on('error', () => undefined);
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    if (!this.#isUpgraded && !this.#upgrade()) return;
    for (let size = measureFrame(this.#received); size; size = measureFrame(this.#received)) {
      const end = size.head + size.payload;
      if (this.#received.length < end) return;
      const opcode = (this.#received[0] ?? 0) & 0x0f;
      const text = this.#received.toString('utf8', size.head, end);
      this.#received = this.#received.subarray(end);
      if (opcode === CLOSE_OPCODE) return this.onLost(new Error('the server ended the socket'));
      if (text === '2') this.send('3');
      else this.onText(text);
    }
  }

  #upgrade(): boolean {
    const end = this.#received.indexOf(HEAD_END);
    if (end === -1) return false;
    const head = this.#received.toString('latin1', 0, end);
    if (!head.startsWith('HTTP/1.1 101')) this.onLost(new Error(head));
    this.#received = this.#received.subarray(end + HEAD_END.length);
    this.#isUpgraded = true;
    return true;
  }
}
