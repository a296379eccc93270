import { setTimeout as sleep } from 'node:timers/promises';
import { uuidv7 } from 'uuidv7';
import { Recorder } from './history/recorder.ts';
import { recordingRest } from './history/recording-rest.ts';
import type { Address, RawAnswer } from './wire/rest.ts';

/** How long nobody answers before a key counts as unresolved. */
const RESOLVE_MS_MAX = 60_000;
const AGAIN_MS = 100;
const PAUSE_MS = 10;
/** Shorter than an outage, so that what a hub would finish by itself is unknown to its caller. */
const PATIENCE_MS = 250;

export interface KeyedCallers {
  /** Calls that got no answer at first; each was asked again by its key. */
  readonly unknown: () => number;
  /** Of these, the ones that were never answered. */
  readonly unresolved: () => number;
  /** When a call was answered ok; epoch milliseconds, in their order. */
  readonly okAt: readonly number[];
  stop(): Promise<void>;
}

/**
 * Callers without the SDK, each of which creates tasks one after another. A call whose outcome nobody knows is asked
 * again with the same key until it is answered. Every try is a line of the history of its own, under that key.
 */
export const startKeyedCallers = (
  stageDir: string,
  address: Address,
  projectId: string,
  count: number,
): KeyedCallers => {
  const okAt: number[] = [];
  let [isStopping, unknown, unresolved] = [false, 0, 0];
  const recorder = new Recorder(stageDir, 'keyed');

  const ask = async (title: string, commandId: string): Promise<RawAnswer> => {
    const answer = await recordingRest(recorder, address, {
      name: 'task.create',
      projectId,
      input: { title },
      commandId,
      patienceMs: PATIENCE_MS,
    });
    if (answer.type === 'ok') okAt.push(Date.now());
    return answer;
  };

  const askUntilAnswered = async (title: string): Promise<void> => {
    const commandId = uuidv7();
    if ((await ask(title, commandId)).type !== 'info') return;
    unknown++;
    const until = performance.now() + RESOLVE_MS_MAX;
    do {
      await sleep(AGAIN_MS);
      if ((await ask(title, commandId)).type !== 'info') return;
    } while (performance.now() < until);
    unresolved++;
  };

  const call = async (caller: number): Promise<void> => {
    for (let at = 0; !isStopping; at++) {
      await askUntilAnswered(`${caller}-${at}`);
      await sleep(PAUSE_MS);
    }
  };
  const calling = Array.from({ length: count }, (_, caller) => call(caller));
  return {
    unknown: () => unknown,
    unresolved: () => unresolved,
    okAt,
    stop: async () => {
      isStopping = true;
      await Promise.all(calling);
      recorder.close();
    },
  };
};
