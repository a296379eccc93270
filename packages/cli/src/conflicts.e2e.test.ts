import { afterAll, beforeAll, expect, it } from 'vitest';
import { act, jsonOf, startTestHub } from '../test/run-act.ts';
import type { TestHub } from '../test/run-act.ts';

let hub: TestHub;
beforeAll(async () => {
  hub = await startTestHub();
}, 90_000);
afterAll(() => hub.stop(), 30_000);

const run = (...args: string[]) => act([...args, '--project', 'Conflicts'], hub.env);
const runJson = async (...args: string[]) => jsonOf(await run(...args, '--json'));

it('act conflicts list shows what to choose from, and act conflicts resolve --choose brings it about', async () => {
  await act(['project', 'create', 'Conflicts'], hub.env);
  await run('task', 'create', 'tidy up', '--key', 'tidy', '--priority', '4');
  await run('task', 'claim', 'tidy', '--agent', 'ann');
  expect((await run('conflicts', 'list')).stdout).toContain('no conflict waits');
  await run('task', 'create', 'the site is down', '--key', 'down', '--priority', '0');
  const shown = await run('conflicts', 'list');
  expect(shown.stdout).toContain('priority mismatch');
  expect(shown.stdout).toContain('(else this)');
  const { conflicts } = await runJson('conflicts', 'list');
  const [{ id }] = conflicts as [{ id: string }];
  expect((await run('conflicts', 'resolve', id)).code).toBe(2);
  expect((await run('conflicts', 'resolve', id, '--choose', 'nothing')).code).toBe(1);
  const resolved = await run('conflicts', 'resolve', id, '--choose', 'preempt');
  expect([resolved.code, resolved.stdout]).toEqual([0, expect.stringContaining('preempt')]);
  expect(await runJson('task', 'show', 'tidy')).toMatchObject({ task: { status: 'ready', attempts: 0 } });
  expect((await run('conflicts', 'list')).stdout).toContain('no conflict waits');
  const { conflicts: all } = await runJson('conflicts', 'list', '--all');
  expect(all).toMatchObject([{ status: 'resolved', resolution: { choice: 'preempt', by: 'person' } }]);
});
