import type { Server as HttpServer } from 'node:http';
import { Server } from 'socket.io';
import { problemOf, refusal } from '@agentmix/act-contract';
import type { Frame, Refusal } from '@agentmix/act-contract';
import { TOKEN } from './fake-hub.ts';
import type { FakeHub } from './fake-hub.ts';
import { cursorRefusal } from './fake-stream.ts';

interface Message {
  readonly name: string;
  readonly projectId: string;
  readonly input: Record<string, unknown>;
  readonly commandId?: string;
  readonly after?: number;
}
type Acknowledge = (answer: object) => void;

/** The Socket.IO door of the fake hub. */
export const serveSockets = (hub: FakeHub, server: HttpServer) => {
  const io = new Server(server, { path: '/socket.io', serveClient: false });
  io.use((socket, next) => {
    const allowed = socket.handshake.auth['token'] === TOKEN;
    next(
      allowed
        ? undefined
        : Object.assign(new Error('unauthorized'), { data: problemOf(refusal('unauthorized')) }),
    );
  });
  io.on('connection', (socket) => {
    const call = (message: Message, acknowledge: Acknowledge) => {
      const seen = {
        name: message.name,
        method: 'socket',
        path: '',
        commandId: message.commandId,
        lastEventId: undefined,
        query: {},
        input: message.input,
        at: performance.now(),
      };
      hub.seen.push(seen);
      const { result, seq } = hub.carryOut(message.name, message.projectId, message.input, message.commandId);
      if (message.commandId !== undefined && hub.loseReply(seen)) {
        socket.conn.close();
        return;
      }
      acknowledge(
        'code' in result
          ? { ok: false, problem: problemOf(result as Refusal) }
          : { ok: true, output: result, seq },
      );
    };
    socket.on('command', call);
    socket.on('query', call);
    socket.on('subscribe', (message: Message, acknowledge: Acknowledge) => {
      const project = hub.projects.get(message.projectId);
      const cursor = message.after ?? project?.seq ?? 0;
      const refused = project ? cursorRefusal(project, cursor) : refusal('project_not_found');
      if (!project || refused) {
        acknowledge({ ok: false, problem: problemOf(refused ?? refusal('project_not_found')) });
        return;
      }
      acknowledge({ ok: true, cursor, seq: project.seq });
      hub.seen.push({
        name: 'subscribe',
        method: 'socket',
        path: '',
        commandId: undefined,
        lastEventId: undefined,
        query: { after: String(message.after) },
        input: {},
        at: performance.now(),
      });
      const send = (frame: Frame) => void socket.emit('frame', JSON.stringify(frame));
      for (const frame of project.frames) if (frame.lastSeq > cursor) send(frame);
      project.watchers.add(send);
      socket.on('disconnect', () => project.watchers.delete(send));
    });
  });
  return {
    cut: () => {
      for (const socket of io.sockets.sockets.values()) socket.conn.close();
    },
    close: () => io.close(),
  };
};
