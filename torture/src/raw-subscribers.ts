import type { Frame } from '@agentmix/act-contract';
import { setTimeout as sleep } from 'node:timers/promises';
import { DELIVERED } from './checkers/streams.ts';
import { Recorder } from './history/recorder.ts';
import type { Address } from './wire/rest.ts';
import { graphqlSocketStream, graphqlSseStream } from './wire/graphql.ts';
import { openSocket, socketStream } from './wire/socket.ts';
import { sseStream } from './wire/sse.ts';

export interface RawSubscriber {
  readonly name: string;
  readonly cursor: () => number;
  /** From each frame's time in the log to its arrival here, in milliseconds. */
  readonly delays: readonly number[];
  readonly connections: () => number;
  stop(): Promise<void>;
}

/** A stream that is open until the signal aborts. */
type Open = (after: number, onFrame: (text: string) => void, signal: AbortSignal) => Promise<void>;

type MakeOpen = (address: Address, projectId: string) => Open;

const by =
  (stream: typeof sseStream): MakeOpen =>
  (address, projectId) =>
  (after, onFrame, signal) =>
    stream(address, projectId, after, onFrame, signal);

const bySocket: MakeOpen = (address, projectId) => async (after, onFrame, signal) => {
  const socket = await openSocket(address);
  // What is on its way when we leave belongs to nobody: the next connection brings it again.
  signal.addEventListener('abort', () => socket.off('frame').disconnect(), { once: true });
  const ended = new Promise<void>((resolve) => socket.once('disconnect', () => resolve()));
  if (signal.aborted) return void socket.disconnect();
  await socketStream(socket, projectId, after, onFrame);
  await ended;
};

/** Ways to follow a project, each at the same events by the same cursor. */
const TRANSPORTS = {
  sse: by(sseStream),
  'socket.io': bySocket,
  'graphql over sse': by(graphqlSseStream),
  'graphql over websocket': by(graphqlSocketStream),
} as const;
export type Transport = keyof typeof TRANSPORTS;
// The table’s own names.
export const transports = Object.keys(TRANSPORTS) as Transport[];

export interface RawOptions {
  /** It leaves and comes back with its cursor that often. */
  readonly rejoinMs?: number | undefined;
  readonly onEvent?: () => void;
}

/**
 * Follows a project without the SDK, which would mend what the hub does wrong: every event of every frame is
 * written down as it comes.
 */
export const subscribeRaw = (
  stageDir: string,
  name: string,
  address: Address,
  projectId: string,
  transport: Transport,
  { rejoinMs, onEvent = () => undefined }: RawOptions = {},
): RawSubscriber => {
  const recorder = new Recorder(stageDir, name);
  const open = TRANSPORTS[transport](address, projectId);
  const delays: number[] = [];
  let cursor = 0;
  let connections = 0;
  let isStopping = false;
  let leaving = new AbortController();
  const onFrame = (text: string): void => {
    // The hub's frames have this form; what is in them is what this row is about.
    const frame = JSON.parse(text) as Frame;
    delays.push(Date.now() - Date.parse(frame.timestamp));
    const seqs = frame.events.map(({ seq }) => seq);
    recorder.note(DELIVERED, seqs);
    cursor = seqs.at(-1) ?? cursor;
    onEvent();
  };
  const follow = async (): Promise<void> => {
    while (!isStopping) {
      leaving = new AbortController();
      const { signal } = leaving;
      const rejoin =
        rejoinMs === undefined
          ? undefined
          : setTimeout(() => leaving.abort(), rejoinMs * (0.5 + Math.random()));
      connections++;
      await open(cursor, (text) => (signal.aborted ? undefined : onFrame(text)), signal).catch(() =>
        sleep(20),
      );
      clearTimeout(rejoin);
    }
  };
  const following = follow();
  return {
    name,
    cursor: () => cursor,
    delays,
    connections: () => connections,
    stop: async () => {
      isStopping = true;
      leaving.abort();
      await following;
      recorder.close();
    },
  };
};
