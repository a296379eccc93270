import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FILE, makeJoinedWorld } from '../../test/joined-world.ts';
import type { JoinedWorld } from '../../test/joined-world.ts';
import { actCommand } from '../../test/run-act.ts';

describe('at a hub that takes API keys for tokens only', { timeout: 120_000 }, () => {
  let world: JoinedWorld;
  beforeAll(async () => {
    world = await makeJoinedWorld({ ACT_KEYS_FOR_TOKENS_ONLY: '1' });
    expect(await world.actJson(world.repository, 'join', 'claude-code')).toMatchObject({ name: 'shop' });
  }, 120_000);
  afterAll(() => world.stop());

  const run = (words: readonly string[], input: string) =>
    spawnSync(words[0] ?? '', words.slice(1), {
      cwd: world.repository,
      env: world.env,
      input,
      encoding: 'utf8',
    });
  const edit = (session: string, cwd: string) => {
    const hook = join(world.home, '.claude', 'skills', 'act', 'act-hook.cjs');
    const given = {
      file_path: join(cwd, FILE),
      old_string: 'line 9\n',
      new_string: `${session}\n`,
    };
    const call = { session_id: session, cwd, tool_name: 'Edit', tool_input: given };
    return run([process.execPath, hook, 'claude-code', 'before-edit'], JSON.stringify(call));
  };

  it('the hook reserves and refuses, and lets nothing go unchecked', () => {
    expect(edit('one', world.repository)).toMatchObject({ status: 0, stderr: '' });
    expect(edit('two', world.worktree).stdout).toContain('another agent has reserved');
  });

  it('act and act doctor speak with it as with any other', async () => {
    expect(await world.actJson(world.repository, 'status')).toMatchObject({ project: { name: 'shop' } });
    expect(await world.actJson(world.repository, 'status', '--deep')).toMatchObject({ ok: true });
    const { findings } = await world.actJson(world.repository, 'doctor');
    expect((findings as { mend?: string }[]).filter(({ mend }) => mend)).toEqual([]);
  });

  it('act mcp serves the tools', () => {
    const lists = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
    const { stdout } = run([...actCommand(), 'mcp'], `${JSON.stringify(lists)}\n`);
    expect(JSON.parse(stdout)).toMatchObject({ id: 1, result: { tools: expect.any(Array) as unknown } });
  });
});
