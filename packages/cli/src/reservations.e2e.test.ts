import { afterAll, beforeAll, expect, it } from 'vitest';
import { act, jsonOf, startTestHub } from '../test/run-act.ts';
import type { TestHub } from '../test/run-act.ts';

let hub: TestHub;
beforeAll(async () => {
  hub = await startTestHub();
}, 90_000);
afterAll(() => hub.stop(), 30_000);

const run = (...args: string[]) => act([...args, '--project', 'Regions'], hub.env);
const runJson = async (...args: string[]) => jsonOf(await run(...args, '--json'));

it('act reserve refuses what another agent has, and act reservations shows and ends it', async () => {
  await act(['project', 'create', 'Regions'], hub.env);
  const ann = await runJson('reserve', 'src/a.ts', '--lines', '10-20', '--agent', 'ann');
  expect(ann).toMatchObject({ status: 'granted', reservations: [{ path: 'src/a.ts' }] });
  const refused = await run('reserve', 'src/a.ts', '--lines', '15', '--agent', 'bob');
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('ann')]);
  const beside = await run('reserve', 'src/a.ts', '--lines', '22-30', '--agent', 'bob');
  expect([beside.code, beside.stdout]).toEqual([0, expect.stringContaining('ann is in src/a.ts:10-20')]);
  const queued = await runJson('reserve', 'src/**', '--wait', '--agent', 'cleo');
  expect(queued).toMatchObject({ status: 'queued' });
  const { reservations } = await runJson('reservations', 'list', '--agent', 'ann');
  const [{ id }] = reservations as [{ id: string }];
  expect((await run('reservations', 'force', id)).code).toBe(2);
  expect((await run('reservations', 'force', id, '--reason', 'urgent')).code).toBe(0);
  expect((await run('reservations', 'list', '--path', 'src/a.ts', '--agent', 'ann')).stdout).toContain(
    'nothing is reserved',
  );
});
