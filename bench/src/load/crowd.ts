import { SocketSubscriber } from './socket-subscriber.ts';
import { SseSubscriber } from './sse-subscriber.ts';

export type Door = 'sse' | 'socket.io';

export interface Subscriber {
  /** Last sequence number received. */
  readonly cursor: number;
  close(): void;
}

/** What a subscriber tells: the bounds of a frame it received whole, or why it cannot go on. */
export interface SubscriberEvents {
  onFrame: (firstSeq: number, lastSeq: number) => void;
  onLost: (error: Error) => void;
}

/** A subscriber that lacks something for longer has lost it: the hub promises delivery, not only order. */
const SEEN_MS_MAX = 20_000;

interface Wanted {
  seq: number;
  left: number;
  resolve: () => void;
  reject: (error: Error) => void;
}

/** Subscribers of one project, in this process, each on its own connection. */
export class Crowd {
  readonly #subscribers: Subscriber[] = [];
  readonly #cursors: number[] = [];
  #wanted: Wanted | undefined;
  #lost: Error | undefined;
  /** Frames received, by all subscribers. */
  frames = 0;

  static async gather(
    door: Door,
    size: number,
    hub: { url: string; token: string },
    projectId: string,
  ): Promise<Crowd> {
    const crowd = new Crowd();
    const Subscriber = door === 'sse' ? SseSubscriber : SocketSubscriber;
    for (let index = 0; index < size; index += 1) {
      const subscriber = await Subscriber.open(hub, projectId, {
        onFrame: (firstSeq, lastSeq) => crowd.#take(index, firstSeq, lastSeq),
        onLost: (error) => crowd.#fail(error),
      });
      crowd.#subscribers.push(subscriber);
      crowd.#cursors[index] = subscriber.cursor;
    }
    return crowd;
  }

  /** Resolves when every subscriber has received everything up to `seq`; rejects when one misses something. */
  seen(seq: number): Promise<void> {
    if (this.#lost) return Promise.reject(this.#lost);
    const left = this.#cursors.filter((cursor) => cursor < seq).length;
    if (left === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => this.#fail(new Error(this.#describeGap(seq))), SEEN_MS_MAX);
      this.#wanted = {
        seq,
        left,
        resolve: () => (clearTimeout(late), resolve()),
        reject: (error) => (clearTimeout(late), reject(error)),
      };
    });
  }

  disperse(): void {
    for (const subscriber of this.#subscribers) subscriber.close();
  }

  #take(index: number, firstSeq: number, lastSeq: number): void {
    const cursor = this.#cursors[index] ?? 0;
    if (firstSeq !== cursor + 1)
      return this.#fail(new Error(`subscriber ${index}: ${firstSeq} after ${cursor}`));
    this.frames += 1;
    this.#cursors[index] = lastSeq;
    const wanted = this.#wanted;
    if (!wanted || cursor >= wanted.seq || lastSeq < wanted.seq) return;
    wanted.left -= 1;
    if (wanted.left > 0) return;
    this.#wanted = undefined;
    wanted.resolve();
  }

  #describeGap(seq: number): string {
    const behind = this.#cursors.filter((cursor) => cursor < seq);
    const from = Math.min(...behind);
    return `${behind.length} of ${this.#cursors.length} subscribers stand at ${from} and later, of ${seq}, for ${SEEN_MS_MAX} ms`;
  }

  #fail(error: Error): void {
    this.#lost ??= error;
    this.#wanted?.reject(error);
    this.#wanted = undefined;
  }
}
