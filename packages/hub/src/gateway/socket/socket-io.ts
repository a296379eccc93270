import type { Server as HttpServer } from 'node:http';
import { BODY_BYTES_MAX, problemOf, refusal, Seq, Uuid } from '@agentmix/act-contract';
import type { Refusal } from '@agentmix/act-contract';
import { Server } from 'socket.io';
import type { Socket } from 'socket.io';
import type { CoordinationService } from '../../app/coordination-service.ts';
import type { OutgoingFrame, Sink, Subscription } from '../../app/fan-out.ts';
import type { Metrics } from '../../observe/metrics.ts';
import type { Admission } from '../admission.ts';
import { callCommand, callQuery, isCommandName, isQueryName } from '../call.ts';
import type { Called } from '../call.ts';

const SUBSCRIPTIONS_MAX = 64;
const CALLS_IN_FLIGHT_MAX = 256;
/** Frames that wait in the connection beyond this make it full. */
const BUFFERED_BYTES_MAX = 1_048_576;
const DRAIN_POLL_MS = 20;

type Reply = (answer: unknown) => void;
type Fields = Readonly<Record<string, unknown>>;

const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? (value as Fields) : {};
const replyOf = (value: unknown): Reply => (typeof value === 'function' ? (value as Reply) : () => undefined);
const wire = (called: Called): unknown =>
  called.ok ? called : { ok: false, problem: problemOf(called.refusal) };
const refused = (value: Refusal): Called => ({ ok: false, refusal: value });

/** Bytes that the connection has not yet handed to the operating system; Engine.IO counts packets, the socket bytes. */
const bufferedBytes = (socket: Socket): number => {
  const transport = socket.conn.transport as { socket?: { bufferedAmount?: number } };
  return transport.socket?.bufferedAmount ?? 0;
};

const sinkOf = (socket: Socket, projectId: string): Sink => ({
  send: (frame: OutgoingFrame) => {
    socket.emit('frame', frame.text);
    return bufferedBytes(socket) < BUFFERED_BYTES_MAX;
  },
  whenDrained: async () => {
    while (socket.connected && bufferedBytes(socket) >= BUFFERED_BYTES_MAX / 2)
      await new Promise((resolve) => setTimeout(resolve, DRAIN_POLL_MS));
  },
  close: (reason, cursor) => {
    socket.emit('closed', { projectId, problem: problemOf(reason), cursor });
  },
});

/** As a label of metrics: callers cannot invent new ones. */
const nameOf = (name: unknown): string =>
  typeof name === 'string' && (isCommandName(name) || isQueryName(name)) ? name : 'unknown';

const serve = (socket: Socket, service: CoordinationService, metrics: Metrics): void => {
  const subscriptions = new Map<string, Subscription>();
  let inFlight = 0;
  const answer = async (reply: Reply, name: string, run: () => Promise<Called>): Promise<void> => {
    const started = performance.now();
    if (inFlight >= CALLS_IN_FLIGHT_MAX)
      return reply(wire(refused(refusal('overloaded', 'too many calls at once', { retryAfter: 1 }))));
    inFlight++;
    const called = await run().catch((): Called => refused(refusal('internal')));
    inFlight--;
    metrics.onRequest(
      'socket.io',
      name,
      called.ok ? 'ok' : called.refusal.code,
      (performance.now() - started) / 1_000,
    );
    reply(wire(called));
  };
  const gone = new AbortController();
  socket.on('command', (message: unknown, reply: unknown) => {
    const { name, projectId, input, commandId } = fieldsOf(message);
    const id = typeof commandId === 'string' ? commandId : undefined;
    void answer(replyOf(reply), nameOf(name), async () =>
      typeof name === 'string' && isCommandName(name)
        ? callCommand(service, name, projectId, input ?? {}, id, gone.signal)
        : refused(refusal('invalid_input', 'name: no such command')),
    );
  });
  socket.on('query', (message: unknown, reply: unknown) => {
    const { name, projectId, input } = fieldsOf(message);
    void answer(replyOf(reply), nameOf(name), async () =>
      typeof name === 'string' && isQueryName(name)
        ? callQuery(service, name, projectId, input ?? {})
        : refused(refusal('invalid_input', 'name: no such query')),
    );
  });
  socket.on('subscribe', (message: unknown, reply: unknown) => {
    const { projectId, after } = fieldsOf(message);
    void (async () => {
      const send = replyOf(reply);
      const id = Uuid.safeParse(projectId);
      const cursor = Seq.optional().safeParse(after);
      if (!id.success || !cursor.success)
        return send(wire(refused(refusal('invalid_input', 'projectId or after: malformed'))));
      const project = id.data.toLowerCase();
      subscriptions.get(project)?.cancel();
      if (!subscriptions.has(project) && subscriptions.size >= SUBSCRIPTIONS_MAX)
        return send(wire(refused(refusal('limit_reached'))));
      const subscribed = await service.subscribe(project, cursor.data, sinkOf(socket, project));
      if ('refusal' in subscribed) return send(wire(refused(subscribed.refusal)));
      if (!socket.connected) return subscribed.subscription.cancel();
      subscriptions.get(project)?.cancel();
      subscriptions.set(project, subscribed.subscription);
      send({ ok: true, cursor: subscribed.cursor, seq: subscribed.seq });
    })().catch(() => replyOf(reply)(wire(refused(refusal('internal')))));
  });
  socket.on('unsubscribe', (message: unknown, reply: unknown) => {
    const { projectId } = fieldsOf(message);
    subscriptions.get(String(projectId))?.cancel();
    subscriptions.delete(String(projectId));
    replyOf(reply)({ ok: true });
  });
  socket.on('disconnect', () => {
    gone.abort();
    for (const subscription of subscriptions.values()) subscription.cancel();
  });
  // An error of one connection must never end the process.
  socket.on('error', () => socket.disconnect(true));
};

/** The Socket.IO door: the same commands, queries and frames as REST, on the same cursors. */
export const addSocketIo = (
  server: HttpServer,
  service: CoordinationService,
  admission: Admission,
  metrics: Metrics,
): Server => {
  const io = new Server(server, {
    transports: ['websocket'],
    maxHttpBufferSize: BODY_BYTES_MAX,
    connectTimeout: 5_000,
    pingInterval: 10_000,
    pingTimeout: 15_000,
    serveClient: false,
    allowRequest: (request, decide) => {
      const wrong = admission.checkOrigin(request.headers);
      decide(wrong?.code, wrong === undefined);
    },
  });
  io.use((socket, next) => {
    const token: unknown = fieldsOf(socket.handshake.auth)['token'];
    const wrong = admission.checkToken(typeof token === 'string' ? token : undefined);
    if (!wrong) return next();
    next(Object.assign(new Error(wrong.code), { data: problemOf(wrong) }));
  });
  io.on('connection', (socket) => serve(socket, service, metrics));
  return io;
};
