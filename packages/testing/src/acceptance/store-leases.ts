import { describe, expect, it } from 'vitest';
import { imageOf, restore } from '@agentmix/act-core';
import { addTask, ask, join, letPass, newProject, prepare, run, sent } from './driver.ts';
import type { Driver, StoreUnderTest } from './driver.ts';

/** The contract’s least lease, and a time after which it has run out for certain. */
const LEASE_MS = 1_000;
const AFTER_LEASE_MS = 1_300;
const TIMEOUT = { timeout: 30_000 };

const isExpired = async (project: Driver, sessionId: string): Promise<boolean> =>
  (await project.store.expiredSessions(10_000)).some(
    (one) => one.projectId === project.projectId && one.sessionId === sessionId,
  );

/** Tries to expire a session; on refusal the driver goes back to what the store has. */
const expire = async (project: Driver, sessionId: string): Promise<unknown> => {
  const commit = await prepare(project, [sent('session.expire', { sessionId })]);
  const outcome = await project.store.commit(commit);
  if (outcome.outcome === 'committed') return 'committed';
  const loaded = await project.store.load(project.projectId, 1);
  if (loaded) project.state = restore(loaded.image);
  return outcome;
};

const suiteOfExpiry = (under: () => StoreUnderTest): void => {
  it('refuses to expire a session while its lease runs, and changes nothing', async () => {
    const project = await newProject(under().store);
    const sessionId = await join(project, 'ada');
    const before = structuredClone(imageOf(project.state));
    expect(await isExpired(project, sessionId)).toBe(false);
    expect(await expire(project, sessionId)).toEqual({ outcome: 'lease_live', sessionIds: [sessionId] });
    expect(imageOf(project.state)).toEqual(before);
  });

  it('names every live session of a batch and ends none of it', async () => {
    const project = await newProject(under().store);
    const sessions = [await join(project, 'ada'), await join(project, 'bob')];
    const batch = sessions.map((sessionId) => sent('session.expire', { sessionId }));
    const outcome = await project.store.commit(await prepare(project, batch));
    expect(outcome.outcome).toBe('lease_live');
    expect('sessionIds' in outcome ? [...outcome.sessionIds].sort() : []).toEqual([...sessions].sort());
    const agents = await ask(project, 'agent.list', {});
    expect(agents?.items.map(({ status }) => status)).toEqual(['idle', 'idle']);
  });

  it('ends a session whose lease has run out by its own clock, and returns its tasks', TIMEOUT, async () => {
    const project = await newProject(under().store);
    const sessionId = await join(project, 'ada', LEASE_MS);
    const taskId = await addTask(project, { title: 'one' });
    await run(project, 'task.next', { sessionId });
    await letPass(under(), AFTER_LEASE_MS);
    expect(await isExpired(project, sessionId)).toBe(true);
    expect(await expire(project, sessionId)).toBe('committed');
    expect(await isExpired(project, sessionId)).toBe(false);
    expect(await ask(project, 'task.get', { taskId })).toMatchObject({
      status: 'ready',
      attempts: 1,
      epoch: 1,
    });
    expect((await ask(project, 'agent.list', {}))?.items).toMatchObject([{ id: 'ada', status: 'offline' }]);
  });

  it('answers no more expired sessions than were asked for', TIMEOUT, async () => {
    const project = await newProject(under().store);
    const sessions = [await join(project, 'ada', LEASE_MS), await join(project, 'bob', LEASE_MS)];
    await letPass(under(), AFTER_LEASE_MS);
    expect(await project.store.expiredSessions(1)).toHaveLength(1);
    for (const sessionId of sessions) expect(await expire(project, sessionId)).toBe('committed');
  });
};

const suiteOfRenewals = (under: () => StoreUnderTest): void => {
  it('lets a renewal win over an expiry that comes after it', TIMEOUT, async () => {
    const project = await newProject(under().store);
    const sessionId = await join(project, 'ada', LEASE_MS);
    await letPass(under(), AFTER_LEASE_MS);
    expect(await isExpired(project, sessionId)).toBe(true);
    await project.store.renewLeases([{ projectId: project.projectId, sessionId }]);
    expect(await isExpired(project, sessionId)).toBe(false);
    expect(await expire(project, sessionId)).toMatchObject({ outcome: 'lease_live' });
  });

  it('does not bring back a session that has ended', TIMEOUT, async () => {
    const project = await newProject(under().store);
    const sessionId = await join(project, 'ada', LEASE_MS);
    await run(project, 'agent.disconnect', { sessionId });
    await project.store.renewLeases([{ projectId: project.projectId, sessionId }]);
    await letPass(under(), AFTER_LEASE_MS);
    expect(await isExpired(project, sessionId)).toBe(false);
    expect((await project.store.load(project.projectId, 1))?.image.sessions).toEqual([]);
  });

  it('renews the sessions it is told of and no other', TIMEOUT, async () => {
    const project = await newProject(under().store);
    const [ada, bob] = [await join(project, 'ada', LEASE_MS), await join(project, 'bob', LEASE_MS)];
    await letPass(under(), AFTER_LEASE_MS);
    await project.store.renewLeases([{ projectId: project.projectId, sessionId: ada }]);
    expect(await isExpired(project, ada)).toBe(false);
    expect(await isExpired(project, bob)).toBe(true);
  });

  it('gives leases back the time in which no hub served', TIMEOUT, async () => {
    const project = await newProject(under().store);
    await project.store.beat(60_000);
    const sessionId = await join(project, 'ada', LEASE_MS);
    await letPass(under(), AFTER_LEASE_MS);
    expect(await project.store.beat(AFTER_LEASE_MS - 200)).toBeGreaterThanOrEqual(AFTER_LEASE_MS - 100);
    expect(await isExpired(project, sessionId)).toBe(false);
    await letPass(under(), AFTER_LEASE_MS + 300);
    expect(await isExpired(project, sessionId)).toBe(true);
  });

  it('does not lengthen leases while hubs serve', TIMEOUT, async () => {
    const project = await newProject(under().store);
    const sessionId = await join(project, 'ada', LEASE_MS);
    await project.store.beat(60_000);
    await letPass(under(), AFTER_LEASE_MS);
    await project.store.beat(60_000);
    expect(await isExpired(project, sessionId)).toBe(true);
  });
};

export const leaseSuites = (under: () => StoreUnderTest): void => {
  describe('expiry', () => suiteOfExpiry(under));
  describe('renewal', () => suiteOfRenewals(under));
};
