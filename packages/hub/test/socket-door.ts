import { io } from 'socket.io-client';
import type { Socket } from 'socket.io-client';
import { isRecord } from './contract.ts';
import type { Answer } from './contract.ts';
import type { Door } from './door.ts';
import { uploadOver } from './rest-door.ts';
import type { HubAddress } from './rest-door.ts';

export const ANSWER_MS_MAX = 40_000;

export interface SocketDoor extends Door {
  readonly socket: Socket;
  /** Emits any event and answers what its acknowledgement carries. */
  ask(event: string, ...values: unknown[]): Promise<unknown>;
}

export const connectSocket = (url: string, auth: Record<string, unknown>): Socket =>
  io(url, { transports: ['websocket'], auth, forceNew: true, reconnection: false });

/** What comes with the next event of this name. */
export const eventOf = (socket: Socket, name: 'connect' | 'connect_error' | 'disconnect'): Promise<unknown> =>
  new Promise((resolve) => socket.once(name, (value?: unknown) => resolve(value)));

export const answerOfAck = (value: unknown): Answer => {
  if (!isRecord(value)) throw new Error(`acknowledged with ${JSON.stringify(value)}`);
  const { ok, output, problem, seq } = value;
  const body = ok === true ? output : problem;
  if (!isRecord(body)) throw new Error(`acknowledged with ${JSON.stringify(value)}`);
  return {
    ok: ok === true,
    status: ok === true ? 200 : Number(body['status']),
    body,
    ...(typeof seq === 'number' ? { seq } : {}),
  };
};

/** Socket.IO. */
export const openSocket = async ({ url, token }: HubAddress): Promise<SocketDoor> => {
  const socket = connectSocket(url, { token });
  await eventOf(socket, 'connect');
  const ask = (event: string, ...values: unknown[]): Promise<unknown> =>
    socket.timeout(ANSWER_MS_MAX).emitWithAck(event, ...values);
  return {
    name: 'Socket.IO',
    socket,
    ask,
    command: async (name, projectId, input, commandId) =>
      answerOfAck(await ask('command', { name, projectId, input, commandId })),
    query: async (name, projectId, input) => answerOfAck(await ask('query', { name, projectId, input })),
    upload: uploadOver({ url, token }),
    close: () => void socket.disconnect(),
  };
};
