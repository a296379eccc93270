import type { Refusal } from '@agentmix/act-contract';
import type { OutgoingFrame, Sink } from '../../../app/fan-out.ts';

/** Frames that wait for the connection beyond this make it full. */
export const BUFFERED_BYTES_MAX = 1_048_576;
/** Someone who does not read is not waited for: the end of the stream is on its way for so long. */
const FAREWELL_MS = 1_000;

/** A stream ended, and behind what it can be resumed. */
export interface End {
  readonly reason: Refusal;
  readonly cursor: number;
}
type Taken = IteratorResult<OutgoingFrame | End, undefined>;
const DONE: Taken = { done: true, value: undefined };

/**
 * Between the fan-out, which offers frames, and a connection, which takes one after another. When the stream ends by
 * force nothing that waits is sent any more: the cursor told is that of the last frame taken.
 */
export class FrameQueue implements Sink, AsyncIterableIterator<OutgoingFrame | End> {
  readonly #waiting: OutgoingFrame[] = [];
  readonly #onReturn: () => void;
  readonly #onStuck: () => void;
  #bytes = 0;
  #cursor = 0;
  #end: End | undefined;
  #isDone = false;
  #onFrame: ((taken: Taken) => void) | undefined;
  #onDrained: (() => void) | undefined;

  /** `onStuck`: the end could not be told, for the connection takes nothing. `onReturn`: nobody asks any more. */
  constructor(onReturn: () => void, onStuck: () => void) {
    this.#onReturn = onReturn;
    this.#onStuck = onStuck;
  }

  /** Where the stream begins. */
  startAt(cursor: number): void {
    this.#cursor = cursor;
  }

  send(frame: OutgoingFrame): boolean {
    if (this.#isDone || this.#end) return true;
    this.#waiting.push(frame);
    this.#bytes += frame.text.length;
    this.#wake();
    return this.#bytes < BUFFERED_BYTES_MAX;
  }

  async whenDrained(): Promise<void> {
    if (this.#bytes < BUFFERED_BYTES_MAX || this.#isDone) return;
    await new Promise<void>((resolve) => (this.#onDrained = resolve));
  }

  close(reason: Refusal): void {
    if (this.#isDone || this.#end) return;
    this.#waiting.length = 0;
    this.#end = { reason, cursor: this.#cursor };
    this.#wake();
    setTimeout(() => {
      if (!this.#isDone) this.#onStuck();
    }, FAREWELL_MS).unref();
  }

  next(): Promise<Taken> {
    const taken = this.#take();
    return taken ? Promise.resolve(taken) : new Promise((resolve) => (this.#onFrame = resolve));
  }

  return(): Promise<Taken> {
    if (!this.#isDone) {
      this.#isDone = true;
      this.#onReturn();
    }
    this.#drain();
    this.#onFrame?.(DONE);
    return Promise.resolve(DONE);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #wake(): void {
    const onFrame = this.#onFrame;
    const taken = onFrame && this.#take();
    if (!taken) return;
    this.#onFrame = undefined;
    onFrame(taken);
  }

  #take(): Taken | undefined {
    if (this.#isDone) return DONE;
    const frame = this.#waiting.shift();
    if (frame) {
      this.#bytes -= frame.text.length;
      this.#cursor = frame.lastSeq;
      if (this.#bytes < BUFFERED_BYTES_MAX / 2) this.#drain();
      return { done: false, value: frame };
    }
    if (!this.#end) return undefined;
    // The end is the last thing that is taken; whoever asks again is told that there is no more.
    const end = this.#end;
    void this.return();
    return { done: false, value: end };
  }

  #drain(): void {
    this.#onDrained?.();
    this.#onDrained = undefined;
  }
}
