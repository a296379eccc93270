import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeService } from '../../test/make-service.ts';
import type { ServiceUnderTest } from '../../test/make-service.ts';
import type { OutgoingFrame, Sink } from './fan-out.ts';

let tested: ServiceUnderTest;
beforeEach(async () => {
  tested = await makeService();
});
afterEach(() => tested.service.stop());

/** A connection that takes frames while it is let to. */
class TestSink implements Sink {
  readonly seqs: number[] = [];
  readonly closed: string[] = [];
  isFull = false;
  #drained: (() => void)[] = [];

  send({ firstSeq, lastSeq }: OutgoingFrame): boolean {
    for (let seq = firstSeq; seq <= lastSeq; seq++) this.seqs.push(seq);
    return !this.isFull;
  }

  whenDrained(): Promise<void> {
    return this.isFull ? new Promise((resolve) => this.#drained.push(resolve)) : Promise.resolve();
  }

  close({ code }: { code: string }): void {
    this.closed.push(code);
  }

  drain(): void {
    this.isFull = false;
    for (const resolve of this.#drained.splice(0)) resolve();
  }
}

const milestone = (name: string) => tested.run('project.milestone', { name });
const follow = async (sink: Sink, after?: number) => {
  const subscribed = await tested.service.subscribe(tested.projectId, after, sink);
  if ('refusal' in subscribed) throw new Error(subscribed.refusal.code);
  return subscribed.subscription;
};

describe('a follower', () => {
  it('is sent what the log has, then what is committed', async () => {
    await milestone('a');
    const sink = new TestSink();
    await follow(sink, 0);
    await milestone('b');
    await expect.poll(() => sink.seqs).toEqual([1, 2, 3]);
    await milestone('c');
    expect(sink.seqs).toEqual([1, 2, 3, 4]);
  });

  it('is sent what is committed while the log is being read, without waiting for the next commit', async () => {
    const sink = new TestSink();
    await follow(sink);
    // The first read after the subscription: the log was read, its answer is on the way.
    let committing: Promise<unknown> | undefined;
    tested.failing.afterReadLog = async () => {
      await (committing ??= milestone('during'));
    };
    await expect.poll(() => sink.seqs).toEqual([2]);
  });

  it('is sent what is committed while it catches up, read by read', async () => {
    let rounds = 0;
    tested.failing.afterReadLog = async () => {
      if (rounds++ > 0 && rounds < 20) await milestone(`m${rounds}`);
    };
    const sink = new TestSink();
    await follow(sink, 0);
    await expect.poll(() => rounds, { timeout: 20_000 }).toBeGreaterThanOrEqual(20);
    const { seq } = (await tested.failing.inner.query('project.get', tested.projectId, {})) ?? {};
    await expect.poll(() => sink.seqs.at(-1)).toBe(seq);
    expect(sink.seqs).toEqual(Array.from({ length: sink.seqs.length }, (_, index) => index + 1));
  });

  it('whose connection is full gets nothing more until it drains, then everything in order', async () => {
    const [full, free] = [new TestSink(), new TestSink()];
    await follow(full);
    await follow(free);
    await milestone('a');
    await expect.poll(() => full.seqs).toEqual([2]);
    full.isFull = true;
    for (const name of ['b', 'c', 'd', 'e']) await milestone(name);
    expect(full.seqs).toEqual([2, 3]);
    expect(free.seqs).toEqual([2, 3, 4, 5, 6]);
    expect(tested.service.fanOut.lag).toBe(3);
    full.drain();
    await expect.poll(() => full.seqs).toEqual([2, 3, 4, 5, 6]);
    expect(tested.service.fanOut.lag).toBe(0);
  });

  it('gets nothing after it was cancelled, not even what was being read', async () => {
    const sink = new TestSink();
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const subscription = await follow(sink, 0);
    tested.failing.afterReadLog = () => held;
    await sleep(5);
    subscription.cancel();
    const before = sink.seqs.length;
    release();
    await milestone('after');
    await sleep(10);
    expect(sink.seqs).toHaveLength(before);
    expect(tested.service.fanOut.subscribers).toBe(0);
  });

  it('whose store goes away is closed with its cursor', async () => {
    const sink = new TestSink();
    tested.failing.afterReadLog = () => sleep(1);
    await follow(sink, 0);
    tested.failing.beforeRead = () => Promise.reject(new Error('away'));
    await expect.poll(() => sink.closed).toEqual(['unavailable']);
    expect(tested.service.fanOut.subscribers).toBe(0);
  });

  it('is closed when the hub stops', async () => {
    const sink = new TestSink();
    await follow(sink);
    await tested.service.stop();
    expect(sink.closed).toEqual(['unavailable']);
  });
});
