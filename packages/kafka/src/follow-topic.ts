import { setTimeout as sleep } from 'node:timers/promises';
import { EVENTS_TOPIC } from '@agentmix/act-contract';
import { Consumer, MessagesStreamModes, stringDeserializers } from '@platformatic/kafka';
import type { MessagesStream } from '@platformatic/kafka';
import { within } from './deadline.ts';
import { SEQUENCE_HEADER } from './messages.ts';
import { clientOptions } from './options.ts';
import type { KafkaOptions } from './options.ts';
import { reasonOf } from './reason.ts';

export interface FollowOptions extends Pick<KafkaOptions, 'brokers' | 'tls' | 'sasl' | 'log'> {
  /** Nobody else may have it: one member of a group gets each message. */
  readonly groupId: string;
  readonly from: 'earliest' | 'latest';
}

/** A message of the topic; `value` is a CloudEvent. */
export interface TopicMessage {
  readonly projectId: string;
  readonly seq: number;
  readonly value: string;
}

export interface Following {
  /** False while the brokers are away. */
  readonly isHearing: boolean;
  close(): Promise<void>;
}

const JOIN_MS_MAX = 15_000;
const CLOSE_MS_MAX = 2_000;
const REST_MS = 500;
/** A member that is gone is noticed so soon, and a broker that is gone after a request’s time. */
const GROUP = { sessionTimeout: 10_000, rebalanceTimeout: 10_000, heartbeatInterval: 2_000 };

type Reader = Consumer<string, string, string, string>;

const openReader = (options: FollowOptions): Reader =>
  new Consumer({
    ...clientOptions(options),
    ...GROUP,
    groupId: options.groupId,
    deserializers: stringDeserializers,
    autocommit: false,
    maxWaitTime: 1_000,
  });

type Messages = MessagesStream<string, string, string, string>;

/**
 * All partitions, as far as nobody else of the group has them. A reader that is closed meanwhile fails in a stream that
 * nobody has yet, which would end the process: it is listened to from its first moment on.
 */
const openStream = (reader: Reader, from: FollowOptions['from']): Promise<Messages> => {
  const mode = from === 'latest' ? MessagesStreamModes.LATEST : MessagesStreamModes.EARLIEST;
  return new Promise((resolve, reject) => {
    reader.consume({ topics: [EVENTS_TOPIC], mode }, (error, stream) => {
      if (error || !stream) return reject(error ?? new Error('no stream'));
      stream.on('error', () => undefined);
      resolve(stream);
    });
  });
};

const closeReader = (reader: Reader): Promise<void> =>
  within(CLOSE_MS_MAX, new Promise<void>((resolve) => reader.close(true, () => resolve()))).catch(
    () => undefined,
  );

/**
 * Reads all partitions of the topic until it is closed. After a connection was lost it begins again where `from` says:
 * messages may be missed or repeated then.
 */
export const followTopic = (options: FollowOptions, listener: (message: TopicMessage) => void): Following => {
  let isHearing = false;
  let isClosed = false;
  let reader: Reader | undefined;
  let failure: string | undefined;

  const read = async (): Promise<void> => {
    const current = (reader = openReader(options));
    try {
      const stream = await within(JOIN_MS_MAX, openStream(current, options.from));
      // Where it begins is known when it has asked the brokers: what comes before that would be missed.
      stream.once('offsets', () => (isHearing = !isClosed));
      if (failure !== undefined) options.log('the topic is heard again', {});
      failure = undefined;
      for await (const { key, value, headers } of stream)
        listener({ projectId: key, seq: Number(headers.get(SEQUENCE_HEADER)), value });
    } finally {
      isHearing = false;
      await closeReader(current);
    }
  };
  const run = async (): Promise<void> => {
    while (!isClosed) {
      await read().catch((error: unknown) => {
        if (isClosed) return;
        if (failure === undefined) options.log('the topic is not heard', { error: reasonOf(error) });
        failure = reasonOf(error);
      });
      if (!isClosed) await sleep(REST_MS);
    }
  };
  const running = run();
  return {
    get isHearing() {
      return isHearing;
    },
    close: async () => {
      isClosed = true;
      if (reader) await closeReader(reader);
      await running;
    },
  };
};
