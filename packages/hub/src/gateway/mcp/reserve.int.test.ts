import { readEnvelope } from '@agentmix/act-contract';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { done } from '../../../test/door.ts';
import type { Door } from '../../../test/door.ts';
import { connectMcp } from '../../../test/mcp-client.ts';
import type { McpClient, ToolAnswer } from '../../../test/mcp-client.ts';
import { openRest } from '../../../test/rest-door.ts';
import { TestHub } from '../../../test/start-test-hub.ts';

const quotedIn = ({ facts }: ToolAnswer) => readEnvelope(facts['quoted'] as string)?.parts ?? [];

describe('reservations by tools', () => {
  let hub: TestHub;
  let rest: Door;
  let projectId: string;
  let ada: McpClient;
  let bob: McpClient;
  beforeAll(async () => {
    hub = await TestHub.start();
    rest = openRest(hub);
  });
  afterAll(() => hub.stop());
  beforeEach(async () => {
    projectId = String((await done(rest, 'project.create', undefined, { name: 'p' }))['projectId']);
    const connect = (agentId: string) => connectMcp(hub, { 'act-project': projectId, 'act-agent': agentId });
    [ada, bob] = [await connect('ada'), await connect('bob')];
  });
  const lines = (start: number, count: number) => ({ path: 'src/a.ts', ranges: [{ start, lines: count }] });

  it('refuse lines that another agent has, and say who, for which task, until when, and what to do', async () => {
    const { taskId } = await done(rest, 'task.create', projectId, { title: 'Mend', filePaths: ['src/a.ts'] });
    await ada.call('act_next');
    const granted = await ada.call('act_reserve', { regions: [lines(10, 5)], reason: 'the parser' });
    expect(granted.facts).toMatchObject({ status: 'granted', reserved: 1 });
    const denied = await bob.call('act_reserve', { regions: [lines(12, 1)] });
    expect(denied.isError).toBe(true);
    expect(denied.facts['code']).toBe('region_reserved');
    const [holder] = denied.facts['holders'] as { agentId: string; taskId: string; until: string }[];
    expect(holder).toMatchObject({ agentId: 'ada', taskId });
    expect(Date.parse(holder?.until ?? '')).toBeGreaterThan(Date.now());
    expect(denied.text).toContain('act_reserve with wait: true');
    expect(quotedIn(denied)).toMatchObject([
      { kind: 'file', provenance: { from: 'ada' }, text: 'path: src/a.ts\nlines: 10-14\nfor the task: Mend' },
    ]);
  });

  it('let others have other lines, and tell of the neighbour', async () => {
    await ada.call('act_reserve', { regions: [lines(10, 5)] });
    const beside = await bob.call('act_reserve', { regions: [lines(40, 5)] });
    expect(beside.facts).toMatchObject({ status: 'granted', others: 1 });
    expect(quotedIn(beside)).toMatchObject([{ provenance: { from: 'ada' } }]);
  });

  it('queue whoever waits, and grant when the holder frees it', async () => {
    const request = { regions: [lines(1, 3)], wait: true };
    await ada.call('act_reserve', request);
    expect((await bob.call('act_reserve', request)).facts['status']).toBe('queued');
    expect((await ada.call('act_free', { paths: ['src/a.ts'] })).facts['released']).toBe(1);
    expect((await ada.call('act_free')).facts['released']).toBe(0);
    expect((await bob.call('act_reserve', request)).facts['status']).toBe('granted');
  });

  it('are told with a task whose files they are in, one by one and by pattern', async () => {
    await ada.call('act_reserve', { regions: [lines(10, 5), { path: 'docs/x.md' }] });
    await ada.call('act_reserve', { regions: [{ pattern: 'test/**' }] });
    await done(rest, 'task.create', projectId, { title: 't', filePaths: ['src/a.ts', 'test/a.test.ts'] });
    const next = await bob.call('act_next');
    expect(next.facts['reservedByOthers']).toBe(2);
    const shown = quotedIn(next).filter(({ kind }) => kind === 'file');
    expect(shown.map(({ text }) => text).toSorted()).toEqual([
      'path: src/a.ts\nlines: 10-14',
      'pattern: test/**',
    ]);
  });
});
