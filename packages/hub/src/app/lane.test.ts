import { StoreRejected, StoreUnavailable } from '@agentmix/act-core';
import type { Commit } from '@agentmix/act-core';
import { setTimeout as sleep } from 'node:timers/promises';
import { uuidv7 } from 'uuidv7';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lostAfter, lostBefore, makeGate } from '../../test/failing-store.ts';
import { makeService, newTask, outputOf } from '../../test/make-service.ts';
import type { ServiceUnderTest } from '../../test/make-service.ts';
import { testKeys } from '../../test/test-keys.ts';
import { BATCH_COMMANDS_MAX } from './lane.ts';
import { QUEUE_COMMANDS_MAX } from './overload.ts';

/** Longer than a command waits before it is answered as unavailable. */
const SILENT_MS = 6_000;

let tested: ServiceUnderTest;
beforeEach(async () => {
  tested = await makeService();
});
afterEach(() => tested.service.stop());

const create = (title: string, id?: string) => tested.run('task.create', newTask(title), id);
const seqOf = async (): Promise<number | undefined> =>
  (await tested.failing.inner.readLog(tested.projectId, 0, 1))?.lastSeq;

describe('a commit whose outcome is unknown', () => {
  it.each([
    ['nothing was written', lostBefore],
    ['everything was written', lostAfter],
  ])('is resolved by the command ids when %s: each command is carried out once', async (_what, fault) => {
    tested.failing.faults.push(fault, fault, fault);
    const outcomes = await Promise.all(['a', 'b', 'c'].map((title) => create(title)));
    expect(outcomes.map(({ ok }) => ok)).toEqual([true, true, true]);
    expect((await tested.titles()).toSorted()).toEqual(['a', 'b', 'c']);
  });

  it('is resolved while other batches are in flight behind it', async () => {
    const gate = makeGate();
    tested.failing.faults.push(gate.fault, lostAfter, lostBefore);
    const titles = Array.from({ length: 900 }, (_, index) => `t${index}`);
    const outcomes = Promise.all(titles.map((title) => create(title)));
    setTimeout(gate.open, 50);
    expect((await outcomes).every(({ ok }) => ok)).toBe(true);
    expect(await seqOf()).toBe(1 + titles.length);
  });

  it('is never answered as done when nothing can be written, and is answered within seconds', async () => {
    const down = () => Promise.reject(new StoreUnavailable('down'));
    tested.failing.faults.push(...Array.from({ length: 1_000 }, () => down));
    tested.failing.beforeRead = down;
    const started = performance.now();
    const outcomes = await Promise.all(['a', 'b'].map((title) => create(title)));
    expect(outcomes.map((one) => !one.ok && one.refusal.code)).toEqual(['unavailable', 'unavailable']);
    expect(performance.now() - started).toBeLessThan(10_000);
    tested.failing.faults.splice(0);
    tested.failing.beforeRead = () => Promise.resolve();
    expect(await create('c')).toMatchObject({ ok: true });
    expect(await tested.titles()).toEqual(['c']);
  });

  it('is not waited for twice by those behind it: reading the state anew may take as long again', async () => {
    const silent = async (): Promise<never> => {
      await sleep(SILENT_MS);
      throw new StoreUnavailable('silent');
    };
    tested.failing.faults.push(silent);
    tested.failing.beforeRead = silent;
    const started = performance.now();
    const first = create('a');
    await sleep(100);
    const outcomes = await Promise.all([first, create('b')]);
    expect(outcomes.map((one) => !one.ok && one.refusal.code)).toEqual(['unavailable', 'unavailable']);
    expect(performance.now() - started).toBeLessThan(1.5 * SILENT_MS);
    tested.failing.beforeRead = () => Promise.resolve();
  });
});

describe('a batch that the database refuses', () => {
  it('fails only the command that is to blame', async () => {
    const gate = makeGate();
    const refuse = async (commit: (batch: Commit) => Promise<unknown>, batch: Commit) => {
      if (batch.record.eventsText.includes('poison')) throw new StoreRejected('22021: bad');
      return commit(batch) as ReturnType<typeof tested.failing.inner.commit>;
    };
    tested.failing.faults.push(gate.fault, ...Array.from({ length: 50 }, () => refuse));
    const first = create('first');
    await new Promise(setImmediate);
    const outcomes = Promise.all(['a', 'poison', 'b'].map((title) => create(title)));
    gate.open();
    expect(await first).toMatchObject({ ok: true });
    expect((await outcomes).map((one) => (one.ok ? 'ok' : one.refusal.code))).toEqual([
      'ok',
      'internal',
      'ok',
    ]);
    expect((await tested.titles()).toSorted()).toEqual(['a', 'b', 'first']);
    expect(await create('after')).toMatchObject({ ok: true });
  });
});

describe('a full queue', () => {
  it('refuses by overloaded, keeps what it took, and serves again', async () => {
    const gate = makeGate();
    tested.failing.faults.push(...Array.from({ length: 4 }, () => gate.fault));
    const many = QUEUE_COMMANDS_MAX + 8 * BATCH_COMMANDS_MAX;
    const outcomes: ReturnType<typeof create>[] = [];
    for (let count = 0; count < many; count++) {
      outcomes.push(create(`t${count}`));
      // The lane gets its turns, so that what is in flight leaves the queue.
      if (count % BATCH_COMMANDS_MAX === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    const refused = await create('one more');
    expect(refused).toMatchObject({ ok: false, refusal: { code: 'overloaded', data: { retryAfter: 1 } } });
    gate.open();
    const codes = (await Promise.all(outcomes)).map((one) => (one.ok ? 'ok' : one.refusal.code));
    const taken = codes.filter((code) => code === 'ok').length;
    expect(new Set(codes)).toEqual(new Set(['ok', 'overloaded']));
    expect(taken).toBeGreaterThanOrEqual(QUEUE_COMMANDS_MAX);
    expect(await seqOf()).toBe(1 + taken);
    expect(await create('after')).toMatchObject({ ok: true });
  });
});

describe('another writer of the same project', () => {
  it('makes the lane decide anew on what is there', async () => {
    const other = await makeOther();
    const { sessionId } = outputOf(await tested.run('agent.register', { agentId: 'ada', capabilities: [] }));
    const { taskId } = outputOf(await create('contended'));
    const rival = outputOf(await other('agent.register', { agentId: 'bob', capabilities: [] }))['sessionId'];
    const [mine, theirs] = await Promise.all([
      tested.run('task.claim', { taskId: String(taskId), sessionId: String(sessionId) }),
      other('task.claim', { taskId: String(taskId), sessionId: String(rival) }),
    ]);
    expect([mine.ok, theirs.ok].filter(Boolean)).toHaveLength(1);
    const lost = mine.ok ? theirs : mine;
    expect(lost).toMatchObject({ refusal: { code: 'task_already_claimed' } });
  });

  const makeOther = async (): Promise<ServiceUnderTest['run']> => {
    const { CoordinationService } = await import('./coordination-service.ts');
    const service = new CoordinationService({
      store: tested.failing.store,
      keys: testKeys(),
      retentionMs: 3_600_000,
      log: () => undefined,
    });
    const stop = tested.service.stop.bind(tested.service);
    tested.service.stop = () => service.stop().then(stop);
    return (name, input, id = uuidv7()) => service.command(name, tested.projectId, input, id);
  };
});

describe('a stop', () => {
  it('answers everything that was taken', async () => {
    const gate = makeGate();
    tested.failing.faults.push(gate.fault);
    const outcomes = Promise.all(Array.from({ length: 700 }, (_, index) => create(`t${index}`)));
    await new Promise(setImmediate);
    setTimeout(gate.open, 50);
    await tested.service.stop();
    expect((await outcomes).every(({ ok }) => ok)).toBe(true);
    expect(await seqOf()).toBe(701);
  });

  it('ends calls that wait for work', async () => {
    const registered = await tested.run('agent.register', { agentId: 'ada', capabilities: [] });
    const sessionId = String(outputOf(registered)['sessionId']);
    const waiting = tested.run('task.next', { sessionId, waitMs: 25_000 });
    await new Promise((resolve) => setTimeout(resolve, 50));
    const started = performance.now();
    await tested.service.stop();
    expect(await waiting).toMatchObject({ ok: true, output: { open: 0 } });
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});
