import type { Socket } from 'socket.io-client';
import { unlessAborted } from '../deadline.ts';
import { SOCKET_PATH } from './names.ts';
import { isObject, isProblem, refusalOf } from './problem.ts';
import type { Answer } from './problem.ts';
import { NotExchanged } from './speaker.ts';
import type { Speaker } from './speaker.ts';

/**
 * An unconnected socket of its own. Loaded at first use, so that programs that speak REST do not carry
 * Socket.IO. Its own reconnection is off: retries and cursors decide when to connect, in one place.
 */
export const makeSocket = async ({ url }: Speaker): Promise<Socket> => {
  const { io } = await import('socket.io-client');
  return io(url, {
    path: SOCKET_PATH,
    transports: ['websocket'],
    autoConnect: false,
    reconnection: false,
    forceNew: true,
  });
};

/** A refusal before the connection stood, as the hub puts it into the handshake's error. */
export class SocketRefused extends Error {
  readonly answer: Answer;
  constructor(answer: Answer) {
    super('the hub refused the socket');
    this.answer = answer;
  }
}

const handshakeError = (error: Error): Error => {
  const data: unknown = 'data' in error ? error.data : undefined;
  return isProblem(data)
    ? new SocketRefused({ kind: 'refused', refusal: refusalOf(data), status: data.status })
    : error;
};

/** Connects, or joins the attempt under way. */
const connectOnce = (socket: Socket, signal: AbortSignal): Promise<void> => {
  let connected: (() => void) | undefined;
  let failed: ((error: Error) => void) | undefined;
  const outcome = new Promise<void>((resolve, reject) => {
    connected = resolve;
    failed = (error) => reject(handshakeError(error));
    socket.once('connect', connected);
    socket.once('connect_error', failed);
  });
  socket.connect();
  return unlessAborted(outcome, signal).finally(() => {
    if (connected) socket.off('connect', connected);
    if (failed) socket.off('connect_error', failed);
  });
};

/** Connects as the speaker. Throws SocketRefused, or the error of a broken connection. */
export const connectSocket = async (socket: Socket, speaker: Speaker, signal: AbortSignal): Promise<void> => {
  for (let isRepeated = false; !socket.connected; isRepeated = true) {
    try {
      const token = await speaker.text(signal);
      socket.auth = { token };
      await connectOnce(socket, signal);
    } catch (error) {
      if (error instanceof NotExchanged) throw new SocketRefused(error.answer);
      const { token } = socket.auth as { token?: string };
      const code =
        error instanceof SocketRefused && error.answer.kind === 'refused' && error.answer.refusal.code;
      if (isRepeated || !code || !speaker.hasAnother(code, token)) throw error;
    }
  }
};

/** Emits and awaits the acknowledgement; rejects when the socket disconnects first. */
export const emitWithAck = (
  socket: Socket,
  name: string,
  message: unknown,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<unknown> => unlessAborted(socket.timeout(timeoutMs).emitWithAck(name, message), signal);

/** The problem of an acknowledgement that is no success. */
export const refusedAcknowledgement = (
  acknowledgement: unknown,
): Extract<Answer, { kind: 'refused' }> | undefined => {
  if (!isObject(acknowledgement) || !isProblem(acknowledgement['problem'])) return undefined;
  const { problem } = acknowledgement;
  return { kind: 'refused', refusal: refusalOf(problem), status: problem.status };
};
