import { refusal } from '@agentmix/act-contract';
import type { Refusal } from '@agentmix/act-contract';
import { GraphQLError } from 'graphql';
import type { ExecutionResult } from 'graphql';
import { makeServer } from 'graphql-ws';
import type { Context, Server } from 'graphql-ws';
import type { IncomingMessage } from 'node:http';
import type { RawData, WebSocket } from 'ws';
import type { Access, Bearer } from '../../../access/access.ts';
import { bearerToken } from '../../bearer.ts';
import { tooMuchJson } from '../../json-bounds.ts';
import type { Keeper } from '../../limits/keeper.ts';
import { makeAsker } from '../asker.ts';
import type { Engine } from '../engine.ts';
import { format, makeOnDefect } from '../format.ts';
import { makeTold } from '../graphql-door.ts';
import type { GraphqlParts } from '../graphql-door.ts';
import { readParameters } from '../http/parameters.ts';
import { failure } from '../schema/failure.ts';
import { makeFollow } from './follow.ts';
import type { ReadFrame } from './follow.ts';
import { BUFFERED_BYTES_MAX } from './frame-queue.ts';

/** Operations of one connection that are not complete. */
const OPERATIONS_MAX = 64;
const INIT_MS_MAX = 5_000;
const FAREWELL_MS = 1_000;
/** Close codes of graphql-transport-ws: clients come back after the second, and not after the first. */
const UNAUTHORIZED = 4401;
const FORBIDDEN = 4403;
const BAD_REQUEST = 4400;
const INTERNAL_ERROR = 4500;

export interface WebSocketParts extends GraphqlParts {
  readonly access: Pick<Access, 'watch'>;
  readonly keeper: Pick<Keeper, 'enter'>;
}
interface Extra {
  readonly socket: WebSocket;
  readonly request: IncomingMessage;
  /** Ends with the connection: one for all of its operations. */
  readonly gone: AbortSignal;
  bearer?: Bearer;
}
type Connection = Context<Record<string, unknown> | undefined, Extra>;
export type OverWebSocket = (socket: WebSocket, request: IncomingMessage) => void;

const TOO_MANY = refusal('limit_reached', `at most ${OPERATIONS_MAX} operations on one connection`);

/** Says why, and does not wait for somebody who does not read. */
const dismiss = (socket: WebSocket, reason: Refusal): void => {
  const isToReturn = reason.code === 'token_expired' || reason.code === 'unavailable';
  socket.close(isToReturn ? FORBIDDEN : UNAUTHORIZED, reason.code);
  setTimeout(() => socket.terminate(), FAREWELL_MS).unref();
};

const tokenOf = (payload: unknown): string | undefined => {
  const { token, authorization } = (payload ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof token === 'string') return token;
  return typeof authorization === 'string' ? bearerToken(authorization) : undefined;
};

/** Shows the token of the first message; the connection ends with it. */
const makeConnect =
  ({ access, keeper, refused }: WebSocketParts) =>
  async ({ connectionParams, extra }: Connection): Promise<boolean> => {
    const { socket, request } = extra;
    const answer = await keeper.enter(request, tokenOf(connectionParams));
    if (!answer.ok) {
      refused(request, { door: 'graphql', code: answer.refusal.code, operation: 'connect' });
      dismiss(socket, answer.refusal);
      return false;
    }
    extra.bearer = answer.bearer;
    const { projectId } = answer.bearer.credential;
    const forget = access.watch(answer.bearer, projectId, 'viewer', (reason) => dismiss(socket, reason));
    socket.once('close', forget);
    return true;
  };

const goneSignal = (socket: WebSocket): AbortSignal => {
  const gone = new AbortController();
  socket.once('close', () => gone.abort());
  return gone.signal;
};

const makeProtocol = (engine: Engine, parts: WebSocketParts, read: ReadFrame): Server<Extra> => {
  const { calls } = parts;
  const onDefect = makeOnDefect(parts.logger);
  return makeServer<Record<string, unknown> | undefined, Extra>({
    connectionInitWaitTimeout: INIT_MS_MAX,
    onConnect: makeConnect(parts),
    onSubscribe: async ({ extra, subscriptions }, _id, payload) => {
      const { socket, request, gone, bearer } = extra;
      if (!bearer) return [failure(refusal('unauthorized'))];
      if (Object.keys(subscriptions).length > OPERATIONS_MAX) return [failure(TOO_MANY)];
      if (socket.bufferedAmount > BUFFERED_BYTES_MAX) return [failure(refusal('too_slow'))];
      const limited = calls.charge(bearer);
      if (limited) return [failure(limited)];
      const sent = readParameters(payload, engine.documents);
      if (!sent.ok) return 'refusal' in sent ? [failure(sent.refusal)] : sent.errors;
      await engine.takeTurn();
      const operation = engine.prepare(bearer, sent.value);
      if (!('node' in operation)) return operation;
      const told = makeTold(parts, request, bearer);
      const follow = makeFollow(calls, bearer, read, () => socket.terminate());
      return engine.executionOf(
        operation,
        makeAsker({
          calls,
          bearer,
          gone: () => gone,
          origin: { door: 'graphql', carrier: {} },
          told,
          follow,
        }),
      );
    },
    onNext: (_connection, _id, _payload, _args, result) => format(result as ExecutionResult, onDefect),
    onError: (_connection, _id, _payload, errors) =>
      format({ errors: errors.filter((error) => error instanceof GraphQLError) }, onDefect).errors,
  });
};

const textOf = (data: RawData): string =>
  (Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer)).toString();

/** graphql-transport-ws: queries, commands and subscriptions over one connection. */
export const makeOverWebSocket = (engine: Engine, parts: WebSocketParts, read: ReadFrame): OverWebSocket => {
  const protocol = makeProtocol(engine, parts, read);
  return (socket, request) => {
    let onMessage: (text: string) => Promise<void> = async () => undefined;
    const closed = protocol.opened(
      {
        protocol: socket.protocol,
        send: (text) =>
          new Promise((resolve) =>
            // Nothing is to be done for who is gone: its operations end with the connection.
            socket.readyState === socket.OPEN ? socket.send(text, () => resolve()) : resolve(),
          ),
        close: (code, reason) => socket.close(code, reason),
        onMessage: (listener) => (onMessage = listener),
      },
      { socket, request, gone: goneSignal(socket) },
    );
    const failed = (error: unknown): void => {
      parts.logger.error(
        { error: error instanceof Error ? error.stack : String(error) },
        'a message over a WebSocket of GraphQL failed',
      );
      socket.close(INTERNAL_ERROR, 'internal');
    };
    socket.on('message', (data: RawData, isBinary: boolean) => {
      const text = textOf(data);
      if (isBinary || tooMuchJson(text)) return socket.close(BAD_REQUEST, 'malformed_body');
      onMessage(text).catch(failed);
    });
    socket.once('close', (code, reason) => void closed(code, String(reason)).catch(failed));
  };
};
