import type { Hub } from '@agentmix/act-client';
import { Recorder } from './history/recorder.ts';
import { DELIVERED } from './checkers/streams.ts';

const NOTE_EVENTS = 500;

export interface Subscriber {
  readonly name: string;
  readonly cursor: () => number;
  stop(): Promise<void>;
}

/** Follows a project through the SDK from its first event on, and writes down what comes. */
export const subscribe = (
  stageDir: string,
  name: string,
  hub: Hub,
  projectId: string,
  transport: 'sse' | 'socket.io',
  onEvent: () => void = () => undefined,
): Subscriber => {
  const recorder = new Recorder(stageDir, name);
  const ending = new AbortController();
  let cursor = 0;
  let waiting: number[] = [];
  const flush = (): void => {
    if (waiting.length > 0) recorder.note(DELIVERED, waiting);
    waiting = [];
  };
  const follow = async (): Promise<void> => {
    for await (const item of hub.events(projectId, { after: 0, signal: ending.signal, transport })) {
      if (item.kind !== 'event') throw new Error(`${name}: ${item.kind} ${item.reason.code}`);
      cursor = item.event.seq;
      waiting.push(cursor);
      onEvent();
      if (waiting.length >= NOTE_EVENTS) flush();
    }
  };
  const following = follow().catch((error: unknown) => {
    // What did not come will be missed by the checker; why, is for people.
    process.stderr.write(`${name}: ${error instanceof Error ? error.message : String(error)}\n`);
  });
  return {
    name,
    cursor: () => cursor,
    stop: async () => {
      ending.abort();
      await following;
      flush();
      recorder.close();
    },
  };
};
