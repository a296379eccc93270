import type { IncomingMessage, Server as HttpServer, ServerResponse } from 'node:http';
import { BODY_BYTES_MAX, problemOf, refusal } from '@agentmix/act-contract';
import type { Refusal } from '@agentmix/act-contract';
import { Server } from 'socket.io';
import type { Socket } from 'socket.io';
import type { CoordinationService } from '../../app/coordination-service.ts';
import type { Metrics } from '../../observe/metrics.ts';
import type { Admission } from '../admission.ts';
import { callCommand, callQuery, isCommandName, isQueryName } from '../call.ts';
import type { Called } from '../call.ts';
import type { Guard } from '../guard.ts';
import { Subscriptions } from './subscriptions.ts';

const CALLS_IN_FLIGHT_MAX = 256;
type Reply = (answer: unknown) => void;
type Fields = Readonly<Record<string, unknown>>;

const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? (value as Fields) : {};
const replyOf = (value: unknown): Reply => (typeof value === 'function' ? (value as Reply) : () => undefined);
const wire = (called: Called): unknown =>
  called.ok ? called : { ok: false, problem: problemOf(called.refusal) };
const refused = (value: Refusal): Called => ({ ok: false, refusal: value });

/** As a label of metrics: callers cannot invent new ones. */
const nameOf = (name: unknown): string =>
  typeof name === 'string' && (isCommandName(name) || isQueryName(name)) ? name : 'unknown';

const serve = (socket: Socket, service: CoordinationService, metrics: Metrics): void => {
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
    void answer(replyOf(reply), nameOf(name), async () =>
      typeof name === 'string' && isCommandName(name)
        ? callCommand(service, name, projectId, input ?? {}, commandId ?? undefined, gone.signal)
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
  const subscriptions = new Subscriptions(service, socket);
  socket.on('subscribe', (message: unknown, reply: unknown) => {
    const { projectId, after } = fieldsOf(message);
    const answered = subscriptions
      .subscribe(projectId, after)
      .catch((): Called => refused(refusal('internal')));
    void answered.then((subscribed) => replyOf(reply)(subscribed.ok ? subscribed : wire(subscribed)));
  });
  socket.on('unsubscribe', (message: unknown, reply: unknown) => {
    void subscriptions.unsubscribe(fieldsOf(message)['projectId']).then(() => replyOf(reply)({ ok: true }));
  });
  socket.on('disconnect', () => {
    gone.abort();
    subscriptions.cancelAll();
  });
  // An error of one connection must never end the process.
  socket.on('error', () => socket.disconnect(true));
};

/** The Socket.IO door: the same commands, queries and frames as REST, on the same cursors. */
export const addSocketIo = (
  server: HttpServer,
  service: CoordinationService,
  guard: Guard,
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
  });
  // Before Engine.IO looks at anything: its own refusals are answers too.
  io.engine.use((request: IncomingMessage, response: ServerResponse, next: () => void) => {
    const isUpgrade = request.headers.upgrade !== undefined;
    if (isUpgrade ? guard.admitsUpgrade(request) : guard.admits(request, response)) next();
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
