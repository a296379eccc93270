import { setTimeout as sleep } from 'node:timers/promises';
import type { Bus, Commit, ProjectState } from '@agentmix/act-core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeGate } from '../../test/failing-store.ts';
import type { Fault } from '../../test/failing-store.ts';
import { makeReplicas } from '../../test/make-replicas.ts';
import type { Replica } from '../../test/make-replicas.ts';
import { newTask, outputOf } from '../../test/make-service.ts';
import type { ServiceUnderTest } from '../../test/make-service.ts';

/** Nothing is heard on it: a hub learns of what others do only where it asks. */
const deafBus = (): Bus => ({
  isHearing: true,
  publish: () => undefined,
  subscribe: () => () => undefined,
  close: () => Promise.resolve(),
});

let [one, other]: [ServiceUnderTest, Replica] = [] as never;
beforeEach(async () => {
  // The first is made with all that belongs to the store, the second shares it.
  [one, other] = (await makeReplicas(deafBus(), deafBus())) as [ServiceUnderTest, Replica];
});
afterEach(async () => {
  await one.service.stop();
  await other.service.stop();
});

const create = async (at: Replica, title: string): Promise<string> =>
  String(outputOf(await at.run('task.create', newTask(title)))['taskId']);
const read = <T>(see: (state: ProjectState | undefined) => T): Promise<T> =>
  one.service.lanes.of(one.projectId).read(see);
const has = (taskId: string): Promise<boolean> => read((state) => state?.tasks.has(taskId) ?? false);

/** Commits and looks into the log take a moment, and callers leave no gap between batches. */
const keepBusy = (callers: number): (() => Promise<unknown>) => {
  const slow: Fault = async (commit, batch: Commit) => {
    const committed = await commit(batch);
    await sleep(1);
    return committed;
  };
  one.failing.faults.push(...Array.from({ length: 100_000 }, () => slow));
  one.failing.beforeRead = () => sleep(3);
  let isOver = false;
  const working = Array.from({ length: callers }, async (_, at) => {
    while (!isOver) await create(one, `work of ${at}`);
  });
  return () => ((isOver = true), Promise.all(working));
};

it('costs a busy project no reading of all of it', async () => {
  const finish = keepBusy(64);
  await sleep(50);
  const { loads } = one.failing;
  for (let round = 0; round < 20; round++) {
    const before = await one.failing.inner.logHead(one.projectId);
    const seqs = await Promise.all(Array.from({ length: 4 }, () => read((state) => state?.seq ?? 0)));
    expect(Math.min(...seqs)).toBeGreaterThanOrEqual(before?.lastSeq ?? Infinity);
  }
  expect(one.failing.loads).toBe(loads);
  await finish();
});

it('sees what another hub had committed, however busy this one is', async () => {
  const finish = keepBusy(16);
  for (let round = 0; round < 20; round++) {
    expect(await has(await create(other, `of the other ${round}`))).toBe(true);
  }
  await finish();
});

it('takes no batch for a proof that was sent before it was asked', async () => {
  const gate = makeGate();
  one.failing.faults.push(gate.fault);
  const first = create(one, 'in the log, and not answered yet');
  await sleep(5);
  const taskId = await create(other, 'in the log after it');
  const asked = has(taskId);
  gate.open();
  await first;
  expect(await asked).toBe(true);
});

it('tells nothing that is not on disk', async () => {
  await create(one, 'so that the project is known');
  const seq = await read((state) => state?.seq ?? 0);
  const [before, behind] = [makeGate(), makeGate()];
  // The second is sent before a look into the log is over.
  one.failing.beforeRead = () => sleep(5);
  one.failing.faults.push(before.fault, behind.fault);
  const first = create(one, 'under way');
  await sleep(5);
  let seen: number | undefined;
  const asked = read((state) => state?.seq).then((found) => (seen = found));
  const second = create(one, 'sent after the reader came');
  before.open();
  await first;
  await sleep(20);
  expect(seen).toBeUndefined();
  behind.open();
  await Promise.all([asked, second]);
  expect(seen).toBe(seq + 2);
});

it('looks into an idle project’s log once for all who ask meanwhile', async () => {
  await create(one, 'so that the project is known');
  let looks = 0;
  one.failing.beforeRead = async () => {
    looks++;
    await sleep(5);
  };
  await Promise.all(Array.from({ length: 50 }, () => read((state) => state?.seq)));
  expect(looks).toBeLessThanOrEqual(2);
});
