import { io } from 'socket.io-client';
import type { Socket } from 'socket.io-client';
import { uuidv7 } from 'uuidv7';
import type { Address, RawAnswer, RawCall } from './rest.ts';

const ATTEMPT_MS = 30_000;

export const openSocket = (address: Address): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = io(address.url, {
      transports: ['websocket'],
      auth: { token: address.token },
      reconnection: false,
      forceNew: true,
      timeout: 5_000,
    });
    socket.once('connect', () => resolve(socket));
    const refuse = (error: Error): void => {
      socket.disconnect();
      reject(error);
    };
    socket.once('connect_error', refuse);
    // A hub may end the connection on a message that it does not take, without a word; a refusal closes it here.
    socket.io.once('close', (reason) => {
      if (reason !== 'forced close') refuse(new Error(`closed: ${reason}`));
    });
  });

interface Acknowledged {
  readonly ok?: boolean;
  readonly output?: unknown;
  readonly seq?: number;
  readonly cursor?: number;
  readonly problem?: { readonly code: string; readonly status: number };
}

const emit = async (socket: Socket, name: string, message: unknown): Promise<Acknowledged> =>
  // The hub's acknowledgements have this form.
  (await socket.timeout(ATTEMPT_MS).emitWithAck(name, message)) as Acknowledged;

/** One command over Socket.IO, tried once. */
export const socketCommand = async (socket: Socket, call: RawCall): Promise<RawAnswer> => {
  try {
    const { name, projectId, input, commandId = uuidv7() } = call;
    const answer = await emit(socket, 'command', { name, projectId, input, commandId });
    if (answer.ok) return { type: 'ok', output: answer.output, seq: answer.seq };
    const { code = 'none', status = 0 } = answer.problem ?? {};
    return status >= 500 || status === 429 ? { type: 'info', error: code } : { type: 'fail', refusal: code };
  } catch (error) {
    return { type: 'info', error: error instanceof Error ? error.message : String(error) };
  }
};

/** Follows a project on a socket; answers the cursor it began at. Frames come as text. */
export const socketStream = async (
  socket: Socket,
  projectId: string,
  after: number,
  onFrame: (text: string) => void,
): Promise<void> => {
  socket.on('frame', onFrame);
  const answer = await emit(socket, 'subscribe', { projectId, after });
  if (!answer.ok) throw new Error(`not subscribed: ${answer.problem?.code}`);
};
