import { createParser } from 'eventsource-parser';
import type { EventSourceMessage } from 'eventsource-parser';
import { makeDeadline } from '../deadline.ts';
import type { Deadline } from '../deadline.ts';
import { HEADERS, ROOT_PATH, STREAM_MESSAGES, STREAM_PATH } from '../wire/names.ts';
import { isObject, isProblem, refusalOf, refusedAnswer } from '../wire/problem.ts';
import { fillPath } from '../wire/request.ts';
import type { Speaker } from '../wire/speaker.ts';
import { checkEnd, FRAME_CHARS_MAX, parseFrame } from './source.ts';
import type { Signal, StreamPosition, StreamSource } from './source.ts';

export interface SseLimits {
  /** Until the response begins. */
  readonly connectMs: number;
  /** Without any byte, pings included, the connection counts as dead. */
  readonly silenceMs: number;
}

const requestStream = (
  speaker: Speaker,
  position: StreamPosition,
  signal: AbortSignal,
): Promise<Response> => {
  const cursor = position.cursor === undefined ? undefined : String(position.cursor);
  const path = fillPath(STREAM_PATH, { projectId: position.projectId });
  const query = cursor === undefined || position.resumed ? '' : `?after=${cursor}`;
  return speaker.send(ROOT_PATH + path + query, {
    headers: {
      accept: 'text/event-stream',
      ...(cursor !== undefined && position.resumed ? { [HEADERS.lastEventId]: cursor } : {}),
    },
    signal,
  });
};

/** A newer hub may say more; what an older SDK does not know it need not act on. */
const signalOf = (message: EventSourceMessage): Signal | undefined => {
  if (message.event === STREAM_MESSAGES.frame) return { kind: 'frame', frame: parseFrame(message.data) };
  if (message.event === STREAM_MESSAGES.open) {
    const data: unknown = JSON.parse(message.data);
    if (!isObject(data) || typeof data['cursor'] !== 'number') throw new Error('the stream has no cursor');
    return { kind: 'open', cursor: data['cursor'] };
  }
  if (message.event !== STREAM_MESSAGES.refusal) return undefined;
  const data: unknown = JSON.parse(message.data);
  if (!isProblem(data)) throw new Error('the stream ended with an unreadable refusal');
  return { kind: 'refused', refusal: refusalOf(data), status: data.status };
};

/** The answer of a hub that opens no stream. */
const refusedSignal = async (response: Response): Promise<Signal> => {
  const answer = refusedAnswer(
    response.status,
    await response.text(),
    response.headers.get(HEADERS.retryAfter),
  );
  if (answer.kind !== 'refused') throw new Error(`the hub answered ${response.status} instead of a stream`);
  return answer;
};

/** Awaits one step of the connection; when it takes too long the connection is ended and the step rejects. */
const within = async <T>(step: Promise<T>, ms: number, connection: Deadline, what: string): Promise<T> => {
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    connection.abort();
  }, ms);
  try {
    return await step;
  } catch (error) {
    throw late ? new Error(`${what} for ${ms} ms`, { cause: error }) : error;
  } finally {
    clearTimeout(timer);
  }
};

/** Yields the messages of a body. A chunk is read when all messages of the one before are consumed. */
async function* messagesOf(
  body: ReadableStream<Uint8Array>,
  connection: Deadline,
  silenceMs: number,
): AsyncGenerator<EventSourceMessage, void, undefined> {
  let messages: EventSourceMessage[] = [];
  let overflow: Error | undefined;
  const parser = createParser({
    maxBufferSize: FRAME_CHARS_MAX,
    onEvent: (message) => messages.push(message),
    onError: (error) => {
      if (error.type === 'max-buffer-size-exceeded') overflow = error;
    },
  });
  const reader = body.getReader();
  const decoder = new TextDecoder();
  for (;;) {
    const { done, value } = await within(reader.read(), silenceMs, connection, 'the stream was silent');
    if (done) return;
    parser.feed(decoder.decode(value, { stream: true }));
    if (overflow) throw overflow;
    const batch = messages;
    messages = [];
    yield* batch;
  }
}

/** Streams over server-sent events. */
export const makeSseSource = (speaker: Speaker, limits: SseLimits): StreamSource =>
  async function* stream(position, signal) {
    const connection = makeDeadline(Number.POSITIVE_INFINITY, [signal]);
    try {
      const response = await within(
        requestStream(speaker, position, connection.signal),
        limits.connectMs,
        connection,
        'the stream did not open',
      );
      if (response.status !== 200 || response.body === null) {
        yield await within(
          refusedSignal(response),
          limits.connectMs,
          connection,
          'the refusal did not arrive',
        );
        return;
      }
      for await (const message of messagesOf(response.body, connection, limits.silenceMs)) {
        const one = signalOf(message);
        if (one) yield checkEnd(speaker, one);
      }
    } finally {
      connection.abort();
      connection.dispose();
    }
  };
