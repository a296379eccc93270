import { memoryStores, TestHub } from '../../hub/test/start-test-hub.ts';
import { makeMemoryStore } from '@agentmix/act-memory';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { act, jsonOf } from '../test/run-act.ts';

describe('act status --deep', { timeout: 60_000 }, () => {
  const store = makeMemoryStore({ clock: () => Date.now() });
  const never = new Promise<never>(() => undefined);
  let isAway = false;
  let hub: TestHub;
  const run = (words: readonly string[] = [], token = hub.token) =>
    act(['status', '--deep', ...words], { ACT_URL: hub.url, ACT_TOKEN: token });
  beforeAll(async () => {
    const clock = (): Promise<number> => (isAway ? never : store.clock());
    hub = await TestHub.start({ stores: memoryStores({ ...store, clock }) });
  });
  afterAll(() => hub.stop());

  it('shows an owner the hub and what it depends on, on one screen', async () => {
    const { code, stdout } = await run();
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.length).toBeLessThan(24);
    for (const name of ['database', 'lanes', 'streams', 'replicas', 'kafka', 'event-loop', 'memory', 'disk'])
      expect(lines.some((line) => line.startsWith(`ok   ${name}`))).toBe(true);
    expect(jsonOf(await run(['--json']))).toMatchObject({ ok: true, checks: expect.any(Array) });
  });

  it('fails when something is bad, and says what', async () => {
    isAway = true;
    const { code, stdout } = await run();
    expect(code).toBe(1);
    expect(stdout).toMatch(/^bad {2}database +does not answer/m);
    const ended = await run(['--json']);
    expect(ended.code).toBe(1);
    expect(jsonOf(ended)).toMatchObject({ ok: false });
    isAway = false;
  });

  it('tells nobody else, and says where there is no hub', async () => {
    const stranger = await run([], 'none');
    expect([stranger.code, stranger.stdout]).toEqual([1, '']);
    expect(stranger.stderr).toContain('unauthorized');
    const nowhere = await act(['status', '--deep'], { ACT_URL: 'http://127.0.0.1:9', ACT_TOKEN: 'none' });
    expect(nowhere.code).toBe(3);
    expect(nowhere.stderr).toContain('no hub answers at http://127.0.0.1:9');
  });
});
