import type { ServerResponse } from 'node:http';
import type { Frame } from '@agentmix/act-contract';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startCuttingProxy } from '../../test/cutting-proxy.ts';
import { FakeHub, TOKEN } from '../../test/fake-hub.ts';
import type { FakeProject } from '../../test/fake-project.ts';
import { beginStream, frameMessage, message } from '../../test/fake-stream.ts';
import { connectHub } from '../hub.ts';
import type { EventsOptions, Hub } from '../hub.ts';
import type { StreamItem } from './follow.ts';

const retry = { delayMsMin: 5, delayMsMax: 40, totalMs: 2_000, attemptMs: 500 };

/** Takes items until there are `count` of them. */
const take = async (stream: AsyncIterable<StreamItem>, count: number): Promise<StreamItem[]> => {
  const items: StreamItem[] = [];
  for await (const item of stream) if (items.push(item) >= count) break;
  return items;
};
const seqs = (items: readonly StreamItem[]): (number | string)[] =>
  items.map((item) => (item.kind === 'event' ? item.event.seq : item.kind));
const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);
const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
};

let fake: FakeHub;
let project: FakeProject;
let hub: Hub;
beforeEach(async () => {
  fake = await new FakeHub().start();
  project = fake.project();
  hub = connectHub({ url: fake.url, token: TOKEN, retry, streamSilenceMs: 300 });
});
afterEach(async () => {
  await hub.close();
  await fake.stop();
});

describe.each(['sse', 'socket.io'] as const)('a stream over %s', (transport) => {
  const events = (options: EventsOptions = {}) => hub.events(project.id, { transport, ...options });
  const cut = () => (transport === 'sse' ? fake.cutConnections() : fake.cutSockets());

  it('gives what follows the cursor, then what happens', async () => {
    for (const name of ['a', 'b', 'c']) project.milestone(name);
    const taken = take(events({ after: 1 }), 3);
    await until(() => project.watchers.size > 0);
    project.milestone('d');
    const items = await taken;
    expect(seqs(items)).toEqual([2, 3, 4]);
    expect(items[2]).toMatchObject({
      event: { id: `${project.id}/4`, projectId: project.id, type: 'project.milestone', data: { name: 'd' } },
    });
  });

  it('begins now without a cursor', async () => {
    project.milestone('past');
    const taken = take(events(), 1);
    await until(() => project.watchers.size > 0);
    project.milestone('present');
    expect(seqs(await taken)).toEqual([2]);
  });

  it('gives each event once through many broken connections', async () => {
    const taken = take(events({ after: 0 }), 60);
    for (let index = 0; index < 60; index++) {
      project.milestone(String(index));
      if (index % 7 === 3) cut();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(seqs(await taken)).toEqual(range(1, 60));
  });

  it('goes on after the hub restarted', async () => {
    project.milestone('before');
    const taken = take(events({ after: 0 }), 2);
    await until(() => project.watchers.size > 0);
    await fake.stop();
    project.watchers.clear();
    project.milestone('meanwhile');
    await new Promise((resolve) => setTimeout(resolve, 200));
    await fake.start();
    expect(seqs(await taken)).toEqual([1, 2]);
  });

  it('drops events the cursor already has', async () => {
    project.append(
      ...range(1, 4).map((n) => ({ type: 'project.milestone', data: { name: `${n}` } }) as const),
    );
    expect(seqs(await take(events({ after: 2 }), 2))).toEqual([3, 4]);
  });

  it('reconnects from its cursor instead of giving an event after a gap', async () => {
    const reasons: string[] = [];
    const taken = take(events({ after: 0, onReconnect: (cause) => reasons.push(cause) }), 3);
    await until(() => project.watchers.size > 0);
    const watchers = [...project.watchers];
    project.milestone('one');
    project.watchers.clear();
    project.milestone('lost in the fan-out');
    for (const watcher of watchers) project.watchers.add(watcher);
    project.milestone('three');
    expect(seqs(await taken)).toEqual([1, 2, 3]);
    expect(reasons).toContain('event 2 is missing in the stream');
  });

  it('gives a reset with a snapshot when the log no longer reaches back, and goes on from there', async () => {
    for (const name of ['a', 'b', 'c', 'd']) project.milestone(name);
    project.prunedSeq = 3;
    const cursors: number[] = [];
    const taken = take(events({ after: 1, onCursor: (cursor) => cursors.push(cursor) }), 2);
    await until(() => project.watchers.size > 0);
    project.milestone('e');
    const items = await taken;
    expect(seqs(items)).toEqual(['reset', 5]);
    expect(items[0]).toMatchObject({
      reason: { code: 'cursor_too_old', data: { startSeq: 3, lastSeq: 4 } },
      snapshot: { seq: 4 },
    });
    expect(cursors).toEqual([4]);
  });

  it('gives a reset when the log was put back to before the cursor', async () => {
    project.milestone('a');
    const [item] = await take(events({ after: 9 }), 1);
    expect(item).toMatchObject({ kind: 'reset', reason: { code: 'cursor_in_future' }, snapshot: { seq: 1 } });
  });

  it('ends with the refusal when there is no such project', async () => {
    const items = await take(hub.events('00000000-0000-7000-8000-000000000000', { transport }), 9);
    expect(items).toMatchObject([{ kind: 'refused', reason: { code: 'project_not_found' } }]);
  });

  it('ends with the refusal of a wrong token', async () => {
    const stranger = connectHub({ url: fake.url, token: 'wrong', retry });
    const items = await take(stranger.events(project.id, { transport }), 9);
    expect(items).toMatchObject([{ kind: 'refused', reason: { code: 'unauthorized' } }]);
    await stranger.close();
  });

  it('ends quietly when the signal aborts, and when the hub’s client closes', async () => {
    const abort = new AbortController();
    const first = take(events({ signal: abort.signal }), 1);
    const second = take(events(), 1);
    await until(() => project.watchers.size === 2);
    abort.abort();
    expect(await first).toEqual([]);
    await hub.close();
    expect(await second).toEqual([]);
    await until(() => project.watchers.size === 0);
  });

  it('gives nothing more after an abort, also in the middle of a frame', async () => {
    project.append(
      ...range(1, 9).map((n) => ({ type: 'project.milestone', data: { name: `${n}` } }) as const),
    );
    const abort = new AbortController();
    const items: StreamItem[] = [];
    for await (const item of events({ after: 0, signal: abort.signal }))
      if (items.push(item) === 3) abort.abort();
    expect(seqs(items)).toEqual([1, 2, 3]);
  });

  it('lets go of the connection when the consumer breaks off', async () => {
    project.milestone('a');
    await take(events({ after: 0 }), 1);
    await until(() => project.watchers.size === 0);
  });

  it('throws when it cannot be opened in the time allowed', async () => {
    await fake.stop();
    const hasty = connectHub({ url: fake.url, token: TOKEN, retry: { ...retry, totalMs: 150 } });
    await expect(take(hasty.events(project.id, { transport }), 1)).rejects.toThrow(/no stream after \d+ att/);
    await hasty.close();
  });

  it('stops reading while its consumer is slow, and loses nothing', async () => {
    const filler = 'x'.repeat(2_000);
    const total = 6_000;
    const reasons: string[] = [];
    const onReconnect = (reason: string) => reasons.push(reason);
    const stream = events({ after: 0, onReconnect })[Symbol.asyncIterator]();
    project.milestone('first');
    await stream.next();
    for (let index = 1; index < total; index++) project.milestone(filler);
    // 12 MB are under way; what this process holds is bounded by the socket's buffers, 256 frames or 8 Mi characters.
    // A full Socket.IO connection is given up, a full one of HTTP is left standing.
    if (transport === 'socket.io') await until(() => project.watchers.size === 0);
    else await new Promise((resolve) => setTimeout(resolve, 300));
    const seen: number[] = [];
    while (seen.length < total - 1) {
      const { value } = await stream.next();
      seen.push(value?.kind === 'event' ? value.event.seq : Number.NaN);
    }
    await stream.return?.();
    expect(seen).toEqual(range(2, total));
    const slow = reasons.filter((reason) => reason === 'the consumer is slower than the stream');
    expect(slow.length > 0).toBe(transport === 'socket.io');
  }, 20_000);
});

describe('a stream over SSE', () => {
  /** Answers stream requests by hand, one function a connection; further ones as the hub does. */
  const script = (...connections: ((response: ServerResponse, frames: readonly Frame[]) => void)[]) => {
    fake.intercept = (seen, response) => {
      const connection = seen.name === 'stream' ? connections.shift() : undefined;
      connection?.(response, project.frames);
      return connection !== undefined;
    };
  };
  const requests = () => fake.seen.filter((one) => one.name === 'stream');

  it('resumes with Last-Event-ID after a connection that broke in the middle of a frame', async () => {
    project.milestone('a');
    project.append(
      ...range(2, 5).map((n) => ({ type: 'project.milestone', data: { name: `é${n}` } }) as const),
    );
    script((response, [first, second]) => {
      beginStream(response, 0, 5);
      const text = second ? frameMessage(second) : '';
      response.write((first ? frameMessage(first) : '') + text.slice(0, text.length - 40));
      setTimeout(() => response.destroy(), 30);
    });
    expect(seqs(await take(hub.events(project.id, { after: 0 }), 5))).toEqual(range(1, 5));
    expect(requests()[0]).toMatchObject({ query: { after: '0' } });
    expect(requests()[1]).toMatchObject({ query: {}, lastEventId: '1' });
  });

  it('resumes after its last event, not its last frame, when the consumer is in the middle of one', async () => {
    project.append(
      ...range(1, 4).map((n) => ({ type: 'project.milestone', data: { name: `${n}` } }) as const),
    );
    project.milestone('five');
    script((response, [first]) => {
      beginStream(response, 0, 5);
      const frame = first && { ...first, events: first.events.slice(0, 2) };
      response.write(frame ? frameMessage(frame) : '');
    });
    expect(seqs(await take(hub.events(project.id, { after: 0 }), 5))).toEqual(range(1, 5));
    expect(requests()[1]).toMatchObject({ lastEventId: '2' });
  });

  it('loses and repeats nothing wherever a connection is cut', async () => {
    for (const n of range(1, 30)) project.milestone(`ünïcödé ${n}`);
    const proxy = await startCuttingProxy(fake.url, [100, 301, 402, 503, 777, 900, 1_001, 1_500, 2_003]);
    const through = connectHub({ url: proxy.url, token: TOKEN, retry });
    expect(seqs(await take(through.events(project.id, { after: 0 }), 30))).toEqual(range(1, 30));
    expect(proxy.connections()).toBeGreaterThan(9);
    await through.close();
    await proxy.stop();
  });

  it('reopens a silent connection, and keeps one that only pings', async () => {
    project.milestone('a');
    const ping = (response: ServerResponse) => {
      beginStream(response, 0, 1);
      const timer = setInterval(() => response.write(': ping\n\n'), 100);
      setTimeout(() => clearInterval(timer), 500);
    };
    const startedAt = performance.now();
    const reasons: string[] = [];
    script(ping);
    const stream = hub.events(project.id, { after: 0, onReconnect: (cause) => reasons.push(cause) });
    expect(seqs(await take(stream, 1))).toEqual([1]);
    expect(performance.now() - startedAt).toBeGreaterThan(650);
    expect(reasons).toEqual(['the stream was silent for 300 ms']);
  });

  it('comes back after a refusal that may pass, and waits as it was told', async () => {
    project.milestone('a');
    script(
      (response) => fake.refuse(response, 'overloaded', undefined, '0.2'),
      (response) => {
        beginStream(response, 0, 1);
        response.end(message('refusal', { type: 'x', title: 'x', status: 503, code: 'overloaded' }));
      },
    );
    expect(seqs(await take(hub.events(project.id, { after: 0 }), 1))).toEqual([1]);
    const [a, b] = requests().map((one) => one.at);
    expect((b ?? 0) - (a ?? 0)).toBeGreaterThanOrEqual(198);
    expect(requests()).toHaveLength(3);
  });

  it('resets when the hub closes an open stream whose cursor became too old', async () => {
    project.milestone('a');
    script((response) => {
      beginStream(response, 0, 1);
      response.end(message('refusal', { type: 'x', title: 'x', status: 410, code: 'cursor_too_old' }));
    });
    expect(seqs(await take(hub.events(project.id, { after: 0 }), 1))).toEqual(['reset']);
  });

  it('lets the hub’s socket fill up while its consumer is slow', async () => {
    let blocked = false;
    script((response) => {
      beginStream(response, 0, 0);
      const filler = `: ${'x'.repeat(100_000)}\n\n`;
      project.milestone('a');
      for (const frame of project.frames) response.write(frameMessage(frame));
      for (let index = 0; index < 500; index++) blocked = !response.write(filler);
      setTimeout(() => (blocked = response.writableLength > 10_000_000), 250);
    });
    const stream = hub.events(project.id, { after: 0 })[Symbol.asyncIterator]();
    await stream.next();
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(blocked).toBe(true);
    await stream.return?.();
  });
});
