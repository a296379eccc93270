import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { asked, done } from '../../test/door.ts';
import type { Door } from '../../test/door.ts';
import { openRest } from '../../test/rest-door.ts';
import { TestHub } from '../../test/start-test-hub.ts';
import { makeProject } from '../../test/world.ts';

/** A task returns at most so long after its holder’s lease. */
const RETURN_MS_MAX = 2_000;

describe('leases of sessions', () => {
  let hub: TestHub;
  let door: Door;
  let projectId: string;
  beforeAll(async () => {
    hub = await TestHub.start();
    door = openRest(hub);
  });
  beforeEach(async () => {
    projectId = await makeProject(door);
  });
  afterAll(() => hub.stop());

  const register = async (agentId: string, leaseMs: number): Promise<string> =>
    String((await done(door, 'agent.register', projectId, { agentId, leaseMs }))['sessionId']);
  const hold = async (sessionId: string) => {
    const { taskId } = await done(door, 'task.create', projectId, { title: 'held' });
    const { epoch } = await done(door, 'task.claim', projectId, { taskId, sessionId });
    return { taskId, sessionId, epoch };
  };
  const statusOf = async (taskId: unknown): Promise<unknown> =>
    (await asked(door, 'task.get', projectId, { taskId }))['status'];

  it('end when nothing is heard, and the task returns with its checkpoint', async () => {
    const settings = { maxAttempts: 3 };
    await done(door, 'project.update', projectId, { settings });
    const held = await hold(await register('ada', 1_000));
    const checkpoint = { note: 'half', branch: 'work' };
    await done(door, 'task.progress', projectId, { ...held, percent: 50, checkpoint });
    const from = performance.now();
    await expect.poll(() => statusOf(held.taskId), { timeout: 10_000, interval: 50 }).toBe('ready');
    const took = performance.now() - from;
    expect(took).toBeGreaterThan(900);
    // The lease counts from the renewal that the progress was: it is written within half a second.
    expect(took).toBeLessThan(1_000 + 500 + RETURN_MS_MAX);
    expect(await asked(door, 'task.get', projectId, { taskId: held.taskId })).toMatchObject({ checkpoint });
    const late = await door.command('task.complete', projectId, held);
    expect(late.body['code']).toMatch(/^(session_expired|stale_epoch)$/);
    const eve = await register('eve', 30_000);
    const claim = await done(door, 'task.claim', projectId, { taskId: held.taskId, sessionId: eve });
    expect(claim).toMatchObject({ epoch: Number(held.epoch) + 1, attempt: 2, task: { checkpoint } });
  });

  it('are renewed by any call of the session, also by a refused one', async () => {
    const sessionId = await register('ada', 1_500);
    const held = await hold(sessionId);
    for (let round = 0; round < 10; round++) {
      await sleep(400);
      if (round % 2 === 0) await done(door, 'task.progress', projectId, { ...held, percent: round });
      else await door.command('task.progress', projectId, { ...held, epoch: 999 });
    }
    expect(await statusOf(held.taskId)).toBe('claimed');
  });

  it('are renewed by heartbeats, which tell what the session holds', async () => {
    const sessionId = await register('ada', 1_500);
    const { taskId, epoch } = await hold(sessionId);
    for (let round = 0; round < 10; round++) {
      await sleep(400);
      const beat = await done(door, 'agent.heartbeat', projectId, { sessionId });
      expect(beat).toEqual({ leaseMs: 1_500, held: [{ taskId, epoch }] });
    }
  });

  it('are renewed by resuming, which keeps the session and what it holds', async () => {
    const sessionId = await register('ada', 1_500);
    const held = await hold(sessionId);
    for (let round = 0; round < 10; round++) {
      await sleep(400);
      const resumed = await done(door, 'agent.register', projectId, { agentId: 'ada', resume: true });
      expect(resumed).toEqual({ agentId: 'ada', sessionId, leaseMs: 1_500 });
    }
    expect(await statusOf(held.taskId)).toBe('claimed');
  });

  it('end for a session that is replaced, whose task returns at once', async () => {
    const first = await register('ada', 30_000);
    const { taskId } = await hold(first);
    await register('ada', 30_000);
    expect(await statusOf(taskId)).not.toBe('claimed');
    const beat = await door.command('agent.heartbeat', projectId, { sessionId: first });
    expect(beat.body['code']).toBe('session_expired');
  });

  it('do not run while no hub serves', async () => {
    const sessionId = await register('ada', 2_000);
    const { taskId } = await hold(sessionId);
    await hub.hub.stop();
    await sleep(4_000);
    await hub.restart();
    door = openRest(hub);
    expect(await door.command('agent.heartbeat', projectId, { sessionId })).toMatchObject({ ok: true });
    await sleep(1_200);
    expect(await statusOf(taskId)).toBe('claimed');
  });

  it.each([4_000, 1_900])(
    'of 3 seconds survive a hub that stalls for %i ms, when agents keep heartbeating',
    async (stallMs) => {
      const sessions = await Promise.all(
        Array.from({ length: 20 }, (_, at) => register(`agent-${at}`, 3_000)),
      );
      const beat = (sessionId: string) => door.command('agent.heartbeat', projectId, { sessionId });
      // Every third of the lease, as the SDK does.
      for (let round = 0; round < 3; round++) {
        await Promise.all(sessions.map(beat));
        await sleep(1_000);
      }
      // Sent before the stall, read by the hub after it: agents and hub share this event loop.
      const waiting = sessions.map(beat);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, stallMs);
      const answers = await Promise.all(waiting);
      expect(answers.filter(({ ok }) => !ok)).toEqual([]);
      await sleep(1_000);
      const after = await Promise.all(sessions.map(beat));
      expect(after.filter(({ ok }) => !ok)).toEqual([]);
    },
  );
});
