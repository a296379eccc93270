import { V7Generator } from 'uuidv7';
import { makeDeadline, unlessAborted } from '../deadline.ts';
import { ROOT_PATH } from './names.ts';
import { isObject, mayPass } from './problem.ts';
import type { Speaker } from './speaker.ts';

/** The hub's time as this process knows it, and command ids stamped with it. */
export interface HubClock {
  /** Epoch milliseconds by the hub's clock; by this machine's until the hub was first asked. */
  time(): number;
  /** A UUIDv7 by the hub's clock, which is asked for at first use. Throws when it cannot be reached. */
  commandId(signal: AbortSignal): Promise<string>;
  /** Takes the time out of a refusal, or asks anew at the next id. */
  correct(time: unknown): void;
}

const epochMsOf = (time: unknown): number =>
  typeof time === 'number' ? time : typeof time === 'string' ? Date.parse(time) : Number.NaN;

/**
 * Offset by Cristian's algorithm: the hub's time is taken as that of the middle of the round trip, so it is
 * wrong by at most half of that. A hub refuses ids more than 60 s ahead, so this is ample.
 */
const askOffset = async (speaker: Speaker, timeoutMs: number): Promise<number> => {
  const deadline = makeDeadline(timeoutMs, [], { background: true });
  try {
    const sentAt = Date.now();
    const response = await speaker.send(ROOT_PATH, {
      headers: { accept: 'application/json' },
      signal: deadline.signal,
    });
    const text = await response.text();
    const receivedAt = Date.now();
    if (mayPass(response.status)) throw new Error(`the hub answered ${response.status}`);
    // A port for sockets alone, or a refusal that the command itself will meet: this machine's clock must do.
    if (response.status !== 200) return 0;
    const body: unknown = JSON.parse(text);
    const time = epochMsOf(isObject(body) ? body['time'] : undefined);
    return Number.isFinite(time) ? time - (sentAt + receivedAt) / 2 : 0;
  } finally {
    deadline.dispose();
  }
};

export const makeHubClock = (speaker: Speaker, timeoutMs: number): HubClock => {
  const generator = new V7Generator();
  let offset: number | undefined;
  let asking: Promise<number> | undefined;
  const time = () => Math.round(Date.now() + (offset ?? 0));
  return {
    time,
    async commandId(signal) {
      if (offset === undefined) {
        asking ??= askOffset(speaker, timeoutMs).finally(() => {
          asking = undefined;
        });
        // One question serves all who wait; a failed one is the failed attempt of each.
        offset = await unlessAborted(asking, signal);
      }
      return generator.generateOrResetWithTs(time()).toString();
    },
    correct(told) {
      const ms = epochMsOf(told);
      offset = Number.isFinite(ms) ? ms - Date.now() : undefined;
    },
  };
};
