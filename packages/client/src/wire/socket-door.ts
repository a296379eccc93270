import type { Socket } from 'socket.io-client';
import type { Door } from './door.ts';
import { SOCKET_MESSAGES } from './names.ts';
import { isObject } from './problem.ts';
import type { Answer } from './problem.ts';
import type { Speaker } from './speaker.ts';
import { connectSocket, emitWithAck, makeSocket, refusedAcknowledgement, SocketRefused } from './socket.ts';

const answerOf = (acknowledgement: unknown): Answer => {
  const refused = refusedAcknowledgement(acknowledgement);
  if (refused) return refused;
  if (!isObject(acknowledgement) || acknowledgement['ok'] !== true)
    throw new Error('the hub sent an unreadable acknowledgement');
  const { output, seq } = acknowledgement;
  return { kind: 'ok', value: output, ...(typeof seq === 'number' ? { seq } : {}) };
};

/**
 * Calls over one Socket.IO connection, opened at the first call and again after it broke. `timeoutMs` bounds
 * the wait for an acknowledgement beyond the attempt's own signal, so that none is kept for ever.
 */
export const makeSocketDoor = (speaker: Speaker, timeoutMs: number): Door => {
  let socket: Promise<Socket> | undefined;
  let closed = false;
  return {
    describe: (call) => `${call.name} (Socket.IO at ${speaker.url})`,
    async attempt(call, commandId, signal) {
      socket ??= makeSocket(speaker);
      const open = await socket;
      if (closed) throw new Error('the hub’s client is closed');
      const { name, projectId, input } = call;
      try {
        await connectSocket(open, speaker, signal);
        const id = commandId === undefined ? {} : { commandId };
        const message = { ...call.traceHeaders, name, projectId, input, ...id };
        const told = await emitWithAck(open, SOCKET_MESSAGES[call.kind], message, timeoutMs, signal);
        const answer = answerOf(told);
        if (answer.kind !== 'refused' || !speaker.hasAnother(answer.refusal.code)) return answer;
        open.disconnect();
        throw new Error('the access token has ended');
      } catch (error) {
        if (error instanceof SocketRefused) return error.answer;
        throw error;
      }
    },
    close() {
      closed = true;
      // The module may still be loading; then the socket is never connected.
      void socket?.then((one) => one.disconnect());
    },
  };
};
