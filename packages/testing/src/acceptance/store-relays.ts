import { describe, expect, it } from 'vitest';
import type { RelayLease } from '@agentmix/act-core';
import { uuidv7 } from 'uuidv7';
import { addTask, letPass, newProject } from './driver.ts';
import type { StoreUnderTest } from './driver.ts';

const LEASE_MS = 60_000;
const LIMIT = 1_000;

interface Relays {
  readonly take: (owner: string, projectId: string, leaseMs?: number) => Promise<RelayLease | undefined>;
  readonly move: (owner: string, projectId: string, seq: number, restMs?: number) => Promise<void>;
}

const relaysOf = (under: () => StoreUnderTest): Relays => ({
  take: async (owner, projectId, leaseMs = LEASE_MS) =>
    (await under().store.takeRelays(owner, leaseMs, LIMIT, [projectId]))[0],
  move: (owner, projectId, seq, restMs = 0) => under().store.moveRelays(owner, [{ projectId, seq, restMs }]),
});

const suiteOfLeases = (under: () => StoreUnderTest): void => {
  const { take, move } = relaysOf(under);
  it('gives a project to one owner at a time, from where it was carried to', async () => {
    const { store } = under();
    const { projectId, state } = await newProject(store);
    const [one, other] = [uuidv7(), uuidv7()];
    const races = await Promise.all([one, other].map((owner) => take(owner, projectId)));
    expect(races.filter(Boolean)).toEqual([{ projectId, seq: 0, startSeq: 1 }]);
    const owner = races[0] ? one : other;
    expect(await take(owner, projectId)).toBeUndefined();
    await move(owner, projectId, state.seq - 1);
    expect(await take(other, projectId)).toEqual({ projectId, seq: state.seq - 1, startSeq: 1 });
  });

  it('gives nothing that is carried, and only what is asked for', async () => {
    const { store } = under();
    const [one, other] = [await newProject(store), await newProject(store)];
    const owner = uuidv7();
    const all = await store.takeRelays(owner, LEASE_MS, LIMIT);
    const ids = all.map(({ projectId }) => projectId);
    expect(ids).toEqual(expect.arrayContaining([one.projectId, other.projectId]));
    await store.moveRelays(owner, [
      { projectId: other.projectId, seq: other.state.seq, restMs: 0 },
      { projectId: one.projectId, seq: one.state.seq, restMs: 0 },
    ]);
    expect(await take(owner, one.projectId)).toBeUndefined();
    await addTask(one, { title: 'more' });
    expect(await take(owner, other.projectId)).toBeUndefined();
    expect(await take(owner, one.projectId)).toMatchObject({ seq: one.state.seq - 1 });
    expect(await store.takeRelays(owner, LEASE_MS, 0)).toEqual([]);
  });

  it('gives a project to another when its lease has run out, and takes late news without ending the new lease', async () => {
    const project = await newProject(under().store);
    const { projectId } = project;
    await addTask(project, { title: 'more' });
    const [slow, next, third] = [uuidv7(), uuidv7(), uuidv7()];
    expect(await take(slow, projectId, 50)).toBeDefined();
    await letPass(under(), 100);
    expect(await take(next, projectId)).toMatchObject({ seq: 0 });
    await move(slow, projectId, 1);
    expect(await take(third, projectId)).toBeUndefined();
    await move(next, projectId, 0);
    expect(await take(third, projectId)).toMatchObject({ seq: 1 });
  });

  it('lets a project rest, then gives it again', async () => {
    const { projectId } = await newProject(under().store);
    const owner = uuidv7();
    await take(owner, projectId);
    await move(owner, projectId, 0, 200);
    expect(await take(owner, projectId)).toBeUndefined();
    await letPass(under(), 300);
    expect(await take(owner, projectId)).toMatchObject({ seq: 0 });
  });
};

const suiteOfBacklog = (under: () => StoreUnderTest): void => {
  const { take, move } = relaysOf(under);
  it('counts what is not carried', async () => {
    const { store } = under();
    const before = await store.relayBacklog();
    const { projectId, state } = await newProject(store);
    expect(await store.relayBacklog()).toBe(before + state.seq);
    const owner = uuidv7();
    await take(owner, projectId);
    await move(owner, projectId, state.seq);
    expect(await store.relayBacklog()).toBe(before);
  });

  it('keeps old records that are not carried yet, where it has to', async () => {
    const { store } = under();
    const project = await newProject(store);
    const { projectId } = project;
    const carried = project.state.seq;
    for (const title of ['a', 'b', 'c']) await addTask(project, { title });
    for (let rounds = 0; rounds < 1_000 && (await store.fillHistory()); rounds++);
    const owner = uuidv7();
    const soon = (await store.clock()) + 60_000;
    await store.trimLog(soon, true);
    expect(await take(owner, projectId)).toEqual({ projectId, seq: 0, startSeq: 1 });
    await move(owner, projectId, carried);
    await store.trimLog(soon, true);
    expect(await take(owner, projectId)).toMatchObject({ seq: carried, startSeq: carried + 1 });
    await store.trimLog(soon);
    const log = await store.readLog(projectId, 0, 1);
    expect(log?.startSeq).toBeGreaterThan(carried + 1);
  });
};

export const relaySuites = (under: () => StoreUnderTest): void => {
  describe('relays', () => {
    suiteOfLeases(under);
    suiteOfBacklog(under);
  });
};
