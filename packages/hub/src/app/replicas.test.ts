import { setTimeout as sleep } from 'node:timers/promises';
import { imageOf } from '@agentmix/act-core';
import type { Bus } from '@agentmix/act-core';
import { makeMemoryBuses } from '@agentmix/act-memory';
import { uuidv7 } from 'uuidv7';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeReplicas } from '../../test/make-replicas.ts';
import type { Replica } from '../../test/make-replicas.ts';
import { newTask, outputOf } from '../../test/make-service.ts';

/** A bus on which nothing is heard, and that does not know it. */
const deafBus = (): Bus => ({
  isHearing: true,
  publish: () => undefined,
  subscribe: () => () => undefined,
  close: () => Promise.resolve(),
});

let [one, other]: [Replica, Replica] = [] as never;
const open = (openBus: () => Bus) => {
  beforeEach(async () => {
    [one, other] = await makeReplicas(openBus(), openBus());
  });
  afterEach(async () => {
    await one.service.stop();
    await other.service.stop();
  });
};
const register = async (at: Replica, agentId: string): Promise<string> =>
  String(
    outputOf(await at.run('agent.register', { agentId, capabilities: [], leaseMs: 30_000 }))['sessionId'],
  );
const create = async (at: Replica, title: string): Promise<string> =>
  String(outputOf(await at.run('task.create', newTask(title)))['taskId']);

describe('two hubs on one database that hear each other', () => {
  const { open: openBus } = makeMemoryBuses();
  open(openBus);

  it('deliver to their subscribers what the other commits, in order and once', async () => {
    const seqs: number[] = [];
    const send = ({ firstSeq, lastSeq }: { firstSeq: number; lastSeq: number }): boolean => {
      for (let seq = firstSeq; seq <= lastSeq; seq++) seqs.push(seq);
      return true;
    };
    const sink = { send, whenDrained: () => Promise.resolve(), close: () => undefined };
    await other.service.subscribe(other.projectId, 0, sink);
    for (let round = 0; round < 20; round++) await create(round % 3 === 0 ? other : one, `t${round}`);
    const wanted = Array.from({ length: 21 }, (_, at) => at + 1);
    await expect.poll(() => seqs, { timeout: 900 }).toEqual(wanted);
  });

  it('give work that the other got to those who wait for it', async () => {
    const sessionId = await register(other, 'ada');
    const next = other.run('task.next', { sessionId, waitMs: 20_000 });
    const started = performance.now();
    const taskId = await create(one, 'work');
    expect(outputOf(await next)).toMatchObject({ claim: { task: { id: taskId } } });
    expect(performance.now() - started).toBeLessThan(900);
  });
});

describe('two hubs on one database whose bus notices that it hears nothing', () => {
  let isHearing = true;
  open(() => ({
    ...deafBus(),
    get isHearing() {
      return isHearing;
    },
  }));

  it('look at once for what was lost before, and often from then on', async () => {
    let last = 0;
    const send = ({ lastSeq }: { lastSeq: number }): boolean => ((last = lastSeq), true);
    const sink = { send, whenDrained: () => Promise.resolve(), close: () => undefined };
    await other.service.subscribe(other.projectId, undefined, sink);
    await sleep(600);
    await create(one, 'lost');
    await sleep(600);
    expect(last).toBe(0);
    isHearing = false;
    await expect.poll(() => last, { timeout: 400, interval: 5 }).toBe(2);
    await create(one, 'looked for');
    await expect.poll(() => last, { timeout: 900, interval: 5 }).toBe(3);
  });
});

describe('a hub that another one was faster than', () => {
  const said: number[] = [];
  open(() => ({ ...deafBus(), publish: (_projectId, seq) => void said.push(seq) }));

  it('says that it wants to write, too', async () => {
    await create(other, 'first');
    expect(said).not.toContain(0);
    await create(one, 'second');
    expect(said).toContain(0);
  });
});

describe('two hubs on one database that do not hear each other', () => {
  open(deafBus);

  it('judge every call by what any of them committed before', async () => {
    for (let round = 0; round < 10; round++) {
      const sessionId = await register(one, `ada-${round}`);
      expect(await other.run('agent.heartbeat', { sessionId })).toMatchObject({ ok: true });
      const taskId = await create(other, `t${round}`);
      const { epoch } = outputOf(await one.run('task.claim', { taskId, sessionId })) as { epoch: number };
      const held = { taskId, sessionId, epoch };
      expect(await one.run('task.claim', { taskId, sessionId: await register(one, 'eve') })).toMatchObject({
        ok: false,
      });
      expect(await other.run('task.complete', held)).toMatchObject({ ok: true });
      expect(await one.run('task.progress', held)).toMatchObject({ refusal: { code: 'stale_epoch' } });
    }
  });

  it('refuse nobody because of what the other has changed since', async () => {
    const [sessionId, taskId] = [await register(one, 'ada'), await create(one, 'work')];
    const { epoch } = outputOf(await one.run('task.claim', { taskId, sessionId })) as { epoch: number };
    // The other hub has the task in memory as somebody’s, who then gives it back.
    expect(await other.run('task.claim', { taskId, sessionId: await register(other, 'eve') })).toMatchObject({
      ok: false,
    });
    outputOf(await one.run('task.release', { taskId, sessionId, epoch }));
    const eve = await register(one, 'eve');
    expect(await other.run('task.claim', { taskId, sessionId: eve })).toMatchObject({ ok: true });
  });

  it('answer a repeated command as the other did, and carry it out once', async () => {
    const id = uuidv7();
    const first = await one.run('task.create', newTask('once'), id);
    const again = await other.run('task.create', newTask('once'), id);
    expect(again).toMatchObject({ ok: true, output: first.ok ? first.output : {} });
    expect(await one.titles()).toEqual(['once']);
  });

  it('bring subscribers and waiters up within seconds', async () => {
    const seqs: number[] = [];
    const send = ({ lastSeq }: { lastSeq: number }): boolean => (seqs.push(lastSeq), true);
    const sink = { send, whenDrained: () => Promise.resolve(), close: () => undefined };
    await other.service.subscribe(other.projectId, undefined, sink);
    const sessionId = await register(other, 'ada');
    const next = other.run('task.next', { sessionId, waitMs: 20_000 });
    const taskId = await create(one, 'work');
    expect(outputOf(await next)).toMatchObject({ claim: { task: { id: taskId } } });
    await expect.poll(() => seqs.at(-1), { timeout: 10_000 }).toBe(4);
  }, 20_000);

  it('have one state after any calls at the same time', async () => {
    const sessions = [await register(one, 'ada'), await register(other, 'eve')];
    const calls = Array.from({ length: 60 }, async (_, at) => {
      const replica = at % 2 === 0 ? one : other;
      const taskId = await create(replica, `t${at}`);
      await other.run('task.next', { sessionId: sessions[at % 2] ?? '', waitMs: 0 });
      return taskId;
    });
    expect(new Set(await Promise.all(calls)).size).toBe(60);
    const [first, second] = await Promise.all(
      [one, other].map(({ service, projectId }) =>
        service.lanes.of(projectId).read((state) => state && structuredClone(imageOf(state))),
      ),
    );
    expect(first).toEqual(second);
    expect(first?.tasks).toHaveLength(60);
  });
});
