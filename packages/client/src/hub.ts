import { WAIT_MS_MAX } from '@agentmix/act-contract';
import type {
  CommandArguments,
  CommandName,
  CommandOutput,
  QueryArguments,
  QueryName,
  QueryOutput,
} from '@agentmix/act-contract';
import { readArtifact } from './artifacts/read-artifact.ts';
import type { ReadArtifact } from './artifacts/read-artifact.ts';
import type { ArtifactSource } from './artifacts/source.ts';
import { storeArtifact } from './artifacts/store-artifact.ts';
import type { ContentContext, StoredArtifact, StoreOptions } from './artifacts/store-artifact.ts';
import { RETRY_DEFAULT } from './backoff.ts';
import type { RetryPolicy } from './backoff.ts';
import { callHub } from './call-hub.ts';
import type { CallContext, CallOptions } from './call-hub.ts';
import { makeDeadline, makeSharedListen } from './deadline.ts';
import type { Result } from './result.ts';
import { followEvents } from './stream/follow.ts';
import type { Snapshot, StreamItem } from './stream/follow.ts';
import { makeSocketSource } from './stream/socket-source.ts';
import { makeSseSource } from './stream/sse-source.ts';
import type { OpenTelemetryApi } from './trace.ts';
import { makeHubClock } from './wire/clock.ts';
import { makeRestDoor } from './wire/rest-door.ts';
import { makeSocketDoor } from './wire/socket-door.ts';
import { Speaker } from './wire/speaker.ts';

/** The hub pings every 10 s; two lost pings and a half mean a dead connection. */
const STREAM_SILENCE_MS = 25_000;

export interface HubOptions {
  /** Where the hub is, for example `http://127.0.0.1:3000`. */
  readonly url: string;
  /** An API key or an access token. Where the hub takes keys for tokens only, tokens are made from it by themselves. */
  readonly token: string;
  /** Another `fetch`, for example one with its own connection pool or proxy. */
  readonly fetch?: typeof globalThis.fetch;
  readonly retry?: Partial<RetryPolicy>;
  /** What carries calls, and streams that name no transport of their own. Default: REST and SSE. */
  readonly transport?: 'rest' | 'socket.io';
  /** A server-sent stream without a byte for this long is reopened. Default: 25 s. */
  readonly streamSilenceMs?: number;
  /**
   * The module `@opentelemetry/api`, with a provider registered: each call becomes a span of the active trace, and takes
   * the trace to the hub. Absent: nothing is traced.
   */
  readonly openTelemetry?: OpenTelemetryApi;
}

export interface EventsOptions {
  /** The last seq already known; events after it follow. Absent: from now on. */
  readonly after?: number;
  /** Ends the iteration quietly. */
  readonly signal?: AbortSignal;
  /**
   * Told the cursor of an item when the consumer asks for the one after it, that is when it has dealt with it.
   * Kept in a safe place, it is the `after` of the next run.
   */
  readonly onCursor?: (cursor: number) => void;
  /** Told why the connection was lost and when it is tried again, in milliseconds. */
  readonly onReconnect?: (cause: string, delayMs: number) => void;
  readonly transport?: 'sse' | 'socket.io';
}

/** A hub, seen from here. */
export interface Hub {
  /**
   * Carries out one command; `projectId` is undefined for commands that address no project. Refusals are
   * values. Rejects with ActUnavailable when no result came in time, or with the signal's reason.
   */
  command<N extends CommandName>(
    name: N,
    projectId: string | undefined,
    input: CommandArguments<N>,
    options?: CallOptions,
  ): Promise<Result<CommandOutput<N>>>;
  /** Asks one query; otherwise like `command`. */
  query<N extends QueryName>(
    name: N,
    projectId: string | undefined,
    input: QueryArguments<N>,
    options?: Omit<CallOptions, 'commandId'>,
  ): Promise<Result<QueryOutput<N>>>;
  /**
   * A project's events, each exactly once and in order, across broken connections and restarts of the hub. The
   * stream opens when it is first read, reads no faster than its consumer, and can be iterated once. It never
   * ends by itself, except after a `refused` item. Throws ActUnavailable when it cannot be opened at all.
   */
  events(projectId: string, options?: EventsOptions): AsyncIterable<StreamItem>;
  /**
   * Hands a file over to the project: sends its bytes, which are hashed on the way, and has it made visible. Bytes and
   * files are sent again when the connection breaks; a stream is read once. Rejects with ActUnavailable, with the
   * signal's reason, or with the source's error.
   */
  storeArtifact(
    projectId: string,
    source: ArtifactSource,
    options: StoreOptions,
  ): Promise<Result<StoredArtifact>>;
  /** Opens a stored file; see ReadArtifact. Rejects with ActUnavailable or the signal's reason. */
  readArtifact(
    projectId: string,
    artifactId: string,
    options?: { readonly signal?: AbortSignal },
  ): Promise<Result<ReadArtifact>>;
  /**
   * A request of your own, for what the contract does not name, as whom this client speaks: `target` is the path from
   * the hub's address on. Made once, answered with whatever came; rejects where the connection broke.
   */
  request(target: string, init: RequestInit): Promise<Response>;
  /** Epoch milliseconds by the hub's clock, as learnt at the first command; until then by this machine's. */
  time(): number;
  /** Ends all streams and calls under way. */
  close(): Promise<void>;
}

const withoutSlash = (url: string): string => new URL(url).href.replace(/\/+$/, '');

/** The hub’s answers are of the contract’s making; checking them again would cost every caller zod. */
const makeCalls = (context: CallContext): Pick<Hub, 'command' | 'query'> => ({
  async command(name, projectId, input, options = {}) {
    const result = await callHub(context, { kind: 'command', name, projectId, input }, options);
    return result as Result<CommandOutput<typeof name>>;
  },
  async query(name, projectId, input, options = {}) {
    const result = await callHub(context, { kind: 'query', name, projectId, input }, options);
    return result as Result<QueryOutput<typeof name>>;
  },
});

const makeContentCalls = (
  contents: ContentContext,
  calls: Pick<Hub, 'command' | 'query'>,
): Pick<Hub, 'storeArtifact' | 'readArtifact'> => ({
  storeArtifact: (projectId, source, options) => storeArtifact(contents, calls, projectId, source, options),
  readArtifact: (projectId, artifactId, { signal } = {}) =>
    readArtifact(contents, calls, projectId, artifactId, signal),
});

/** Prepares to speak to a hub; the first connection is made by the first call. */
export const connectHub = (options: HubOptions): Hub => {
  const speaker = new Speaker({
    url: withoutSlash(options.url),
    token: options.token,
    // Called without its global object, a browser's fetch throws.
    fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
  });
  const retry: RetryPolicy = { ...RETRY_DEFAULT, ...options.retry };
  const closing = new AbortController();
  const listen = makeSharedListen();
  const clock = makeHubClock(speaker, retry.attemptMs);
  const door =
    options.transport === 'socket.io'
      ? makeSocketDoor(speaker, retry.totalMs + WAIT_MS_MAX)
      : makeRestDoor(speaker);
  const { openTelemetry } = options;
  const context = {
    door,
    clock,
    retry,
    closed: closing.signal,
    listen,
    ...(openTelemetry ? { openTelemetry } : {}),
  };
  const sources = {
    sse: makeSseSource(speaker, {
      connectMs: retry.attemptMs,
      silenceMs: options.streamSilenceMs ?? STREAM_SILENCE_MS,
    }),
    'socket.io': makeSocketSource(speaker, retry.attemptMs),
  };

  const { command, query } = makeCalls(context);

  return {
    command,
    query,
    ...makeContentCalls({ speaker, retry, closed: closing.signal }, { command, query }),
    async *events(projectId, eventsOptions = {}) {
      const { after, onCursor, onReconnect, transport } = eventsOptions;
      const ending = makeDeadline(Number.POSITIVE_INFINITY, [eventsOptions.signal, closing.signal], {
        listen,
      });
      try {
        yield* followEvents({
          projectId,
          source: sources[transport ?? (options.transport === 'socket.io' ? 'socket.io' : 'sse')],
          snapshot: (signal): Promise<Result<Snapshot>> =>
            query('project.snapshot', projectId, {}, { signal }),
          retry,
          signal: ending.signal,
          ...(after === undefined ? {} : { after }),
          ...(onCursor === undefined ? {} : { onCursor }),
          ...(onReconnect === undefined ? {} : { onReconnect }),
        });
      } finally {
        ending.dispose();
      }
    },
    request: (target, init) => speaker.send(target, { ...init, signal: init.signal ?? closing.signal }),
    time: () => clock.time(),
    close() {
      closing.abort(new DOMException('the hub’s client is closed', 'AbortError'));
      door.close();
      return Promise.resolve();
    },
  };
};
