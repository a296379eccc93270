import { spawnSync } from 'node:child_process';
import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FILE, makeJoinedWorld, TEXT } from '../../test/joined-world.ts';
import type { JoinedWorld } from '../../test/joined-world.ts';
import { git } from '../../test/repository.ts';

let world: JoinedWorld;
beforeEach(async () => {
  world = await makeJoinedWorld();
});
afterEach(() => world.stop());

const WHO = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', '-c', 'commit.gpgsign=false'];

/** A commit of everything by an agent of that name. */
const commit = (cwd: string, agent: string, ...words: string[]) => {
  const env = { ...world.env, ACT_AGENT: agent };
  return spawnSync('git', [...WHO, 'commit', '--all', '--message', 'work', ...words], {
    cwd,
    env,
    encoding: 'utf8',
  });
};
const change = (cwd: string, line: number): Promise<void> =>
  writeFile(join(cwd, FILE), TEXT.replace(`line ${line}\n`, `changed by ${cwd}\n`));
const reservations = async () =>
  (await world.actJson(world.repository, 'reservations', 'list'))['reservations'];

/** What Claude Code’s hook says of an edit of one line. */
const edit = (cwd: string, session: string, line: number) => {
  const tool_input = { file_path: join(cwd, FILE), old_string: `line ${line}\n`, new_string: 'x\n' };
  const hook = join(world.home, '.act', 'bin', 'act-hook.cjs');
  return spawnSync(process.execPath, [hook, 'claude-code', 'before-edit'], {
    env: world.env,
    input: JSON.stringify({ session_id: session, cwd, tool_name: 'Edit', tool_input }),
    encoding: 'utf8',
  });
};

describe('act join other', { timeout: 120_000 }, () => {
  it('puts a block into AGENTS.md and chains the hooks of git; act leave puts back every byte and mode', async () => {
    const { repository } = world;
    const guide = join(repository, 'AGENTS.md');
    const hook = join(repository, '.git', 'hooks', 'pre-commit');
    const theirs = '#!/bin/sh\necho theirs >> ran\nexit 0';
    await writeFile(guide, '# Shop\n\nUse tabs.');
    await writeFile(hook, theirs);
    await chmod(hook, 0o744);
    const { projectId } = await world.actJson(repository, 'join', 'other');
    const guideText = await readFile(guide, 'utf8');
    expect(guideText).toContain('# Shop\n\nUse tabs.\n');
    expect(guideText).toContain(`the project ${String(projectId)} of ACT Hub`);
    expect(guideText.split('<!-- ACT Hub')[1]?.split('\n').length).toBeLessThanOrEqual(15);
    expect((await stat(hook)).mode & 0o777).toBe(0o744);

    await change(repository, 3);
    expect(commit(repository, 'ann')).toMatchObject({ status: 0 });
    expect(await readFile(join(repository, 'ran'), 'utf8')).toBe('theirs\n');

    expect((await world.act(repository, 'leave')).code).toBe(0);
    expect(await readFile(guide, 'utf8')).toBe('# Shop\n\nUse tabs.');
    expect(await readFile(hook, 'utf8')).toBe(theirs);
    expect((await stat(hook)).mode & 0o777).toBe(0o744);
    await expect(stat(join(repository, '.git', 'hooks', 'post-commit'))).rejects.toThrow('ENOENT');
  });

  it('leaves alone hooks that are part of the project, and says what to add', async () => {
    const { repository } = world;
    await git(repository, 'config', 'core.hooksPath', '.githooks');
    const { remarks } = await world.actJson(repository, 'join', 'other');
    expect(remarks).toEqual([expect.stringContaining('pre-commit'), expect.stringContaining('post-commit')]);
    await expect(stat(join(repository, '.githooks'))).rejects.toThrow('ENOENT');
    await world.actJson(repository, 'leave');
  });

  it('writes into the folder that husky keeps out of the repository', async () => {
    const { repository } = world;
    await git(repository, 'config', 'core.hooksPath', '.husky/_');
    await writeFile(join(repository, '.git', 'info', 'exclude'), '.husky/_\n');
    expect(await world.actJson(repository, 'join', 'other')).toMatchObject({ remarks: [] });
    expect(await readFile(join(repository, '.husky', '_', 'post-commit'), 'utf8')).toContain(
      'git post-commit',
    );
    await world.actJson(repository, 'leave');
    await expect(stat(join(repository, '.husky'))).rejects.toThrow('ENOENT');
  });
});

describe('a commit in a joined repository', { timeout: 120_000 }, () => {
  it('is refused where another agent has reserved its lines, and passes elsewhere, unverified, or without the hub', async () => {
    const { repository, worktree } = world;
    await world.actJson(repository, 'join', 'other');
    expect(edit(worktree, 'cleo', 10)).toMatchObject({ status: 0, stdout: '' });
    await change(repository, 10);
    const refused = commit(repository, 'ann');
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain('claude-code:cleo has reserved "src/shop.txt", line 10');
    expect(await git(repository, 'log', '--oneline')).toMatch(/^\S+ first\n$/);
    expect(commit(repository, 'ann', '--no-verify').status).toBe(0);

    await git(repository, 'reset', '--hard', 'HEAD~1');
    await change(repository, 20);
    const warned = commit(repository, 'ann');
    expect(warned.status).toBe(0);
    expect(warned.stderr).toContain('others have reserved something in the files of this commit');

    await git(repository, 'reset', '--hard', 'HEAD~1');
    await world.stopHub();
    await change(repository, 10);
    const unchecked = commit(repository, 'ann');
    expect(unchecked.status).toBe(0);
    expect(unchecked.stderr).toContain('the commit was not checked');
  });

  it('ends the reservations of the agents of its worktree whose edits are in it, and no others', async () => {
    const { repository, worktree } = world;
    await world.actJson(repository, 'join', 'other');
    edit(worktree, 'cleo', 10);
    edit(repository, 'dan', 20);
    await world.actJson(repository, 'reserve', FILE, '--lines', '28', '--agent', 'ann');
    await change(worktree, 10);
    expect(commit(worktree, 'nobody')).toMatchObject({ status: 0 });
    expect(await reservations()).toMatchObject([{ agentId: 'claude-code:dan' }, { agentId: 'ann' }]);
    const ended = (await world.history()).filter(({ type }) => type === 'reservation.released');
    expect(ended).toMatchObject([{ data: { reason: 'committed' } }]);

    await change(repository, 28);
    expect(commit(repository, 'ann')).toMatchObject({ status: 0 });
    expect(await reservations()).toEqual([]);
  });
});
