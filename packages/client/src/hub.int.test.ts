import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAnyHub } from '../test/any-hub.ts';
import type { AnyHub } from '../test/any-hub.ts';
import { startCuttingProxy } from '../test/cutting-proxy.ts';
import { createAgent } from './agent/create-agent.ts';
import { connectHub } from './hub.ts';
import type { Hub } from './hub.ts';
import type { StreamItem } from './stream/follow.ts';

/**
 * What the SDK promises over any hub that speaks the protocol: faults are made in front of the hub, by a proxy
 * that cuts connections, never inside it. ACT_TEST_HUB_URL and ACT_TEST_HUB_TOKEN point it at a running one.
 */
describe.each([
  { transport: 'rest', stream: 'sse' },
  { transport: 'socket.io', stream: 'socket.io' },
] as const)('any hub over $transport and $stream', ({ transport, stream }) => {
  let anyHub: AnyHub;
  let hub: Hub;
  let projectId: string;
  beforeAll(async () => {
    anyHub = await startAnyHub();
    hub = connectHub({ url: anyHub.url, token: anyHub.token, transport });
    const created = await hub.command('project.create', undefined, { name: 'sdk test' });
    if (!created.ok) throw new Error(created.refusal.code);
    ({ projectId } = created.value);
  });
  afterAll(async () => {
    await hub.close();
    await anyHub.stop();
  });

  const milestone = async (through: Hub, name: string): Promise<void> => {
    expect(await through.command('project.milestone', projectId, { name })).toMatchObject({ ok: true });
  };
  /** Names of the milestones among the items, up to and with `last`. */
  const milestonesTo = async (items: AsyncIterable<StreamItem>, last: string): Promise<string[]> => {
    const names: string[] = [];
    let seq: number | undefined;
    for await (const item of items) {
      if (item.kind !== 'event') throw new Error(item.reason.code);
      if (seq !== undefined) expect(item.event.seq).toBe(seq + 1);
      ({ seq } = item.event);
      if (item.event.type !== 'project.milestone') continue;
      names.push(item.event.data.name);
      if (item.event.data.name === last) break;
    }
    return names;
  };

  it('carries a task from its creation to its completion, and fences the holder before', async () => {
    const [first, second] = ['first', 'second'].map((agentId) =>
      createAgent({ hub, projectId, agentId, heartbeat: false }),
    );
    if (!first || !second) throw new Error('two agents');
    await first.register();
    await second.register();
    const created = await hub.command('task.create', projectId, { title: 'int' });
    if (!created.ok) throw new Error(created.refusal.code);
    const { taskId } = created.value;
    expect(await first.claimTask(taskId)).toMatchObject({ ok: true, value: { epoch: 1 } });
    expect(await second.claimTask(taskId)).toMatchObject({ refusal: { code: 'task_already_claimed' } });
    expect(await first.heartbeat()).toMatchObject({ held: [{ taskId, epoch: 1 }] });
    await first.disconnect();
    expect(await second.claimTask(taskId)).toMatchObject({ ok: true, value: { epoch: 2 } });
    const stale = await second.completeTask(taskId, undefined, { epoch: 1 });
    expect(stale).toMatchObject({ ok: false, refusal: { code: 'stale_epoch' } });
    expect(await second.completeTask(taskId, { done: true })).toMatchObject({ ok: true });
    await second.disconnect();
  });

  it('carries out each command once although answers are cut', async () => {
    const proxy = await startCuttingProxy(
      anyHub.url,
      Array.from({ length: 12 }, (_, index) => 40 + index * 60),
    );
    const through = connectHub({ url: proxy.url, token: anyHub.token, transport });
    const after = (await hub.command('project.milestone', projectId, { name: 'begin' })) as { seq?: number };
    const names = Array.from({ length: 12 }, (_, index) => `cut ${index}`);
    for (const name of names) await milestone(through, name);
    await milestone(hub, 'end');
    const items = hub.events(projectId, { after: after.seq ?? 0, transport: stream });
    expect(await milestonesTo(items, 'end')).toEqual([...names, 'end']);
    expect(proxy.connections()).toBeGreaterThan(3);
    await through.close();
    await proxy.stop();
  });

  it('streams each event once although the stream is cut', async () => {
    const cuts = Array.from({ length: 15 }, (_, index) => 350 + index * 97);
    const proxy = await startCuttingProxy(anyHub.url, cuts);
    const through = connectHub({ url: proxy.url, token: anyHub.token });
    const begin = await hub.command('project.milestone', projectId, { name: 'begin' });
    const after = begin.ok ? begin.seq : undefined;
    if (after === undefined) throw new Error('no log position');
    const names = Array.from({ length: 40 }, (_, index) => `streamed ${index}`);
    const read = milestonesTo(through.events(projectId, { after, transport: stream }), 'streamed 39');
    for (const name of names) await milestone(hub, name);
    expect(await read).toEqual(names);
    await through.close();
    await proxy.stop();
  });

  it('answers queries', async () => {
    expect(await hub.query('project.get', projectId, {})).toMatchObject({ ok: true });
    expect(await hub.query('project.snapshot', projectId, {})).toMatchObject({
      ok: true,
      value: { seq: expect.any(Number) },
    });
  });
});
