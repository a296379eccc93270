import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FILE, makeJoinedWorld } from '../../test/joined-world.ts';
import type { JoinedWorld } from '../../test/joined-world.ts';

let world: JoinedWorld;
beforeEach(async () => {
  world = await makeJoinedWorld();
});
afterEach(() => world.stop());

/** What the hook answers before an edit of one line by a session. */
const edit = (cwd: string, session: string, line: number): string => {
  const tool_input = { file_path: join(cwd, FILE), old_string: `line ${line}\n`, new_string: 'x\n' };
  const hook = join(world.home, '.act', 'bin', 'act-hook.cjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [hook, 'claude-code', 'before-edit'], {
    env: world.env,
    input: JSON.stringify({ session_id: session, cwd, tool_name: 'Edit', tool_input }),
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([0, '']);
  return stdout;
};

it(
  'runs compiled code that an earlier hook kept, and compiles anew what is of no use',
  { timeout: 60_000 },
  async () => {
    const { home, repository } = world;
    const folder = join(home, '.act', 'code');
    await world.actJson(repository, 'join', 'claude-code');
    edit(world.folder, 'ann', 1);
    expect(existsSync(folder)).toBe(false);

    edit(repository, 'ann', 2);
    const [name = '', ...others] = await readdir(folder);
    expect(others).toEqual([]);
    const file = join(folder, name);
    const made = await stat(file);
    const code = await readFile(file);
    expect(made.mode & 0o077).toBe(0);
    edit(repository, 'ann', 3);
    expect(await stat(file)).toMatchObject({ ino: made.ino, mtimeMs: made.mtimeMs });

    for (const damaged of [code.subarray(0, code.length / 2), Buffer.alloc(code.length), Buffer.from('')]) {
      await writeFile(file, damaged);
      expect(edit(repository, 'bob', 3)).toContain('claude-code:ann has reserved');
      const anew = await readFile(file);
      expect([anew.length > code.length / 2, anew.equals(damaged)]).toEqual([true, false]);
    }

    // As a new release does: its code has another name.
    await world.actJson(repository, 'join', 'claude-code');
    expect(existsSync(folder)).toBe(false);
  },
);
