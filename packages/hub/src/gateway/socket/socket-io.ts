import type { IncomingMessage, Server as HttpServer, ServerResponse } from 'node:http';
import { BODY_BYTES_MAX, problemOf, refusal } from '@agentmix/act-contract';
import type { Refusal } from '@agentmix/act-contract';
import { Server } from 'socket.io';
import type { Socket } from 'socket.io';
import { Encoder } from 'socket.io-parser';
import type { Access, Bearer } from '../../access/access.ts';
import type { Origin } from '../../app/tracing.ts';
import type { HubLogger } from '../../observe/logger.ts';
import { UNREAD } from '../../observe/metrics.ts';
import type { Metrics } from '../../observe/metrics.ts';
import type { Refused } from '../../observe/refusal-log.ts';
import { isCommandName, isQueryName } from '../calls.ts';
import type { Called, Calls } from '../calls.ts';
import { refuse } from '../guard.ts';
import type { Guard } from '../guard.ts';
import type { Keeper } from '../limits/keeper.ts';
import { BoundedDecoder } from './bounded-decoder.ts';
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

/** A call’s own fields stand for the headers that it does not have. */
const originOf = (carrier: Fields): Origin => ({ door: 'socket.io', carrier });

/** What the handshake established. */
const bearerOf = (socket: Socket): Bearer => (socket.data as { bearer: Bearer }).bearer;

/** Takes the next token of the same member, so that a connection may outlive the one it was opened with. */
const renew = async (socket: Socket, keeper: Keeper, token: unknown): Promise<Refusal | undefined> => {
  const answer = await keeper.enter(socket.request, typeof token === 'string' ? token : undefined);
  if (!answer.ok) return answer.refusal;
  const { bearer } = answer;
  const own = bearerOf(socket);
  const isSame =
    own.credential.memberId === bearer.credential.memberId &&
    own.credential.projectId === bearer.credential.projectId;
  if (!isSame || !own.token || !bearer.token) return refusal('forbidden', 'the token is another member’s');
  // The key behind it may be another one, as after a rotation: from now on it is that key’s end that ends this.
  own.credential = bearer.credential;
  own.token = bearer.token;
  return undefined;
};

/** Who hears what goes on at this door. */
export interface Observers {
  readonly metrics: Metrics;
  readonly logger: HubLogger;
  readonly refused: Refused;
}

/** Notes what of this connection's calls was refused or failed, and passes it on. */
const witnessOf = (socket: Socket, { logger, refused: tell }: Observers) => ({
  told: (operation: string, called: Called): Called => {
    const { memberId } = bearerOf(socket).credential;
    if (!called.ok)
      tell(socket.request, { door: 'socket.io', code: called.refusal.code, operation, memberId });
    return called;
  },
  failed: (error: unknown): Refusal => {
    logger.error({ error: error instanceof Error ? error.stack : error }, 'a call over Socket.IO failed');
    return refusal('internal');
  },
});

/** The streams of a connection; answers how to end them. */
const serveStreams = (socket: Socket, calls: Calls, observers: Observers): (() => void) => {
  const { told, failed } = witnessOf(socket, observers);
  const subscriptions = new Subscriptions(calls, bearerOf(socket), socket);
  socket.on('subscribe', (message: unknown, reply: unknown) => {
    const { projectId, after } = fieldsOf(message);
    const started = performance.now();
    const answered = subscriptions
      .subscribe(projectId, after)
      .catch((error: unknown): Called => refused(failed(error)));
    void answered.then((subscribed) => {
      const code = subscribed.ok ? 'ok' : subscribed.refusal.code;
      observers.metrics.onRequest('socket.io', 'event.stream', code, (performance.now() - started) / 1_000);
      replyOf(reply)(subscribed.ok ? subscribed : wire(told('subscribe', subscribed)));
    });
  });
  socket.on('unsubscribe', (message: unknown, reply: unknown) => {
    void subscriptions.unsubscribe(fieldsOf(message)['projectId']).then(() => replyOf(reply)({ ok: true }));
  });
  return () => subscriptions.cancelAll();
};

const serve = (socket: Socket, calls: Calls, keeper: Keeper, observers: Observers): void => {
  const { metrics } = observers;
  const { told, failed } = witnessOf(socket, observers);
  const bearer = bearerOf(socket);
  let inFlight = 0;
  const answer = async (reply: Reply, name: string, run: () => Promise<Called>): Promise<void> => {
    const started = performance.now();
    if (inFlight >= CALLS_IN_FLIGHT_MAX)
      return reply(wire(refused(refusal('overloaded', 'too many calls at once', { retryAfter: 1 }))));
    inFlight++;
    const called = told(name, await run().catch((error: unknown): Called => refused(failed(error))));
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
    const fields = fieldsOf(message);
    const { name, projectId, input, commandId } = fields;
    void answer(replyOf(reply), nameOf(name), async () =>
      typeof name === 'string' && isCommandName(name)
        ? calls.command(bearer, name, {
            projectId,
            input: input ?? {},
            commandId: commandId ?? undefined,
            gone: () => gone.signal,
            origin: originOf(fields),
          })
        : refused(refusal('invalid_input', 'name: no such command')),
    );
  });
  socket.on('query', (message: unknown, reply: unknown) => {
    const fields = fieldsOf(message);
    const { name, projectId, input } = fields;
    void answer(replyOf(reply), nameOf(name), async () =>
      typeof name === 'string' && isQueryName(name)
        ? calls.query(bearer, name, projectId, input ?? {}, originOf(fields))
        : refused(refusal('invalid_input', 'name: no such query')),
    );
  });
  socket.on('authenticate', (message: unknown, reply: unknown) => {
    const renewed = renew(socket, keeper, fieldsOf(message)['token']).catch(failed);
    void renewed.then((reason) =>
      replyOf(reply)(reason ? wire(told('authenticate', refused(reason))) : { ok: true }),
    );
  });
  const cancelStreams = serveStreams(socket, calls, observers);
  socket.on('disconnect', () => {
    gone.abort();
    cancelStreams();
  });
  // An error of one connection must never end the process.
  socket.on('error', () => socket.disconnect(true));
};

/**
 * Whoever sent what no client may send, such as a packet that is too large, is told so and read no further: a WebSocket
 * that closes would take what else comes for half a minute.
 */
const hangUpOnErrors = (connection: Socket['conn']): void => {
  connection.once('close', (reason) => {
    if (reason === 'transport error') connection.request.socket.destroySoon();
  });
};

/** The Socket.IO door: the same commands, queries and frames as REST, on the same cursors. */
export const addSocketIo = (
  server: HttpServer,
  calls: Calls,
  access: Pick<Access, 'watch'>,
  guard: Guard,
  keeper: Keeper,
  observers: Observers,
): Server => {
  const { logger, metrics, refused: tell } = observers;
  const io = new Server(server, {
    transports: ['websocket'],
    maxHttpBufferSize: BODY_BYTES_MAX,
    connectTimeout: 5_000,
    pingInterval: 10_000,
    pingTimeout: 15_000,
    serveClient: false,
    parser: { Encoder, Decoder: BoundedDecoder },
  });
  io.engine.on('connection', hangUpOnErrors);
  // Before Engine.IO looks at anything: its own refusals are answers too.
  io.engine.use((request: IncomingMessage, response: ServerResponse, next: () => void) => {
    const isUpgrade = request.headers.upgrade !== undefined;
    if (!(isUpgrade ? guard.admitsUpgrade(request) : guard.admits(request, response))) return;
    const wrong = keeper.checkUpgrade(request);
    if (!wrong) return next();
    tell(request, { door: 'socket.io', code: wrong.code, operation: 'connect' });
    metrics.onRequest('socket.io', UNREAD, wrong.code, 0);
    // A storm of them is turned away before it costs a WebSocket each.
    refuse(isUpgrade ? guard.responseTo(request) : response, wrong);
  });
  io.use((socket, next) => {
    const token: unknown = fieldsOf(socket.handshake.auth)['token'];
    const entered = Promise.resolve(
      keeper.enter(socket.request, typeof token === 'string' ? token : undefined),
    );
    void entered.then(
      (answer) => {
        if (!answer.ok) {
          metrics.onRequest('socket.io', UNREAD, answer.refusal.code, 0);
          tell(socket.request, { door: 'socket.io', code: answer.refusal.code, operation: 'connect' });
          return next(Object.assign(new Error(answer.refusal.code), { data: problemOf(answer.refusal) }));
        }
        (socket.data as { bearer: Bearer }).bearer = answer.bearer;
        next();
      },
      (error: Error) => {
        logger.error({ error: error.stack }, 'a connection over Socket.IO failed');
        next(error);
      },
    );
  });
  io.on('connection', (socket) => {
    const bearer = bearerOf(socket);
    const { projectId } = bearer.credential;
    const forget = access.watch(bearer, projectId, 'viewer', (reason) => {
      socket.emit('closed', { projectId, problem: problemOf(reason) });
      socket.disconnect(true);
    });
    socket.on('disconnect', forget);
    serve(socket, calls, keeper, observers);
  });
  return io;
};
