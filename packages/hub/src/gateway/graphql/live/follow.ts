import { expandFrame, refusal, Seq, Uuid } from '@agentmix/act-contract';
import type { ActEvent, Frame, Refusal } from '@agentmix/act-contract';
import type { OutgoingFrame } from '../../../app/fan-out.ts';
import type { Bearer } from '../../../access/access.ts';
import type { Calls } from '../../calls.ts';
import { failure } from '../schema/failure.ts';
import { FrameQueue } from './frame-queue.ts';
import type { End } from './frame-queue.ts';

/** What one turn of a subscription shows of itself: a frame, or why there are no more. */
export interface Root {
  readonly events: object;
}

/** Follows a project behind a cursor; fails with the refusal as an error. */
export type Follow = (projectId: unknown, after: unknown) => Promise<AsyncIterable<Root>>;

/** Frames are read once for all who follow. */
export type ReadFrame = (frame: OutgoingFrame) => { readonly events: readonly ActEvent[] };

export const makeReadFrame = (): ReadFrame => {
  const read = new WeakMap<OutgoingFrame, ReturnType<ReadFrame>>();
  return (outgoing) => {
    const known = read.get(outgoing);
    if (known) return known;
    // The hub wrote it: what is in it is a frame.
    const frame = JSON.parse(outgoing.text) as Frame;
    const value = { ...frame, cursor: String(frame.lastSeq), events: expandFrame(frame) };
    read.set(outgoing, value);
    return value;
  };
};

const invalid = (field: string, message: string): Refusal =>
  refusal('invalid_input', `${field}: ${message}`, { fields: [{ field, message }] });

const cursorOf = (after: unknown): number | undefined | Refusal => {
  if (after === undefined || after === null) return undefined;
  const isNumber = typeof after === 'string' && /^\d+$/.test(after);
  const parsed = Seq.safeParse(isNumber ? Number(after) : undefined);
  return parsed.success ? parsed.data : invalid('after', 'must be a cursor');
};

const rootOf = (turn: OutgoingFrame | End, start: number, read: ReadFrame): Root => {
  if ('reason' in turn) {
    const { reason, cursor } = turn;
    return { events: failure({ ...reason, data: { ...reason.data, cursor } }) };
  }
  const frame = read(turn);
  if (turn.firstSeq > start) return { events: frame };
  // A cursor may stand between two events of one commit.
  return { events: { ...frame, events: frame.events.filter(({ seq }) => seq > start) } };
};

/** Not a generator: one that waits for a frame could not be ended before the frame comes. */
const rootsOf = (queue: FrameQueue, start: number, read: ReadFrame): AsyncIterableIterator<Root> => ({
  next: async () => {
    const { done, value } = await queue.next();
    return done ? { done, value: undefined } : { done: false, value: rootOf(value, start, read) };
  },
  return: async () => {
    await queue.return();
    return { done: true, value: undefined };
  },
  [Symbol.asyncIterator]() {
    return this;
  },
});

export const makeFollow =
  (calls: Calls, bearer: Bearer, read: ReadFrame, onStuck: () => void): Follow =>
  async (projectId, after) => {
    const id = Uuid.safeParse(projectId);
    if (!id.success) throw failure(invalid('projectId', 'must be a UUID'));
    const cursor = cursorOf(after);
    if (typeof cursor === 'object') throw failure(cursor);
    let cancel = (): void => undefined;
    const queue = new FrameQueue(() => cancel(), onStuck);
    const subscribed = await calls.subscribe(bearer, id.data.toLowerCase(), cursor, queue);
    if ('refusal' in subscribed) throw failure(subscribed.refusal);
    queue.startAt(subscribed.cursor);
    cancel = () => subscribed.subscription.cancel();
    return rootsOf(queue, subscribed.cursor, read);
  };
