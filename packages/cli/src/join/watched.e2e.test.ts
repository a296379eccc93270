import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isRunning, watcherOf, watchersHere } from '@agentmix/act-agents';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FILE, makeJoinedWorld, TEXT } from '../../test/joined-world.ts';
import type { JoinedWorld } from '../../test/joined-world.ts';
import { waitUntil } from '../../test/run-act.ts';

/** Several times what an idle machine takes. */
const PATIENCE_MS = 30_000;
const PREDICTED = 'would now conflict in 1 more place';

let world: JoinedWorld;
beforeEach(async () => {
  world = await makeJoinedWorld();
});
afterEach(() => world.stop());

interface Session {
  readonly session: string;
  readonly cwd: string;
}

/** Runs the hook program as it was installed, and answers what the agent reads. */
const hook = async ({ session, cwd }: Session, moment: string): Promise<string> => {
  const program = join(world.home, '.claude', 'skills', 'act', 'act-hook.cjs');
  const child = spawn(process.execPath, [program, 'claude-code', moment], { env: world.env });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.resume();
  child.stdin.end(JSON.stringify({ session_id: session, cwd }));
  await once(child, 'close');
  return stdout;
};

/** Begins a session, and waits until its worktree is watched. */
const begin = async (who: Session) => {
  await hook(who, 'start');
  await waitUntil(() => watcherOf(world.home, who.cwd) !== undefined, 'it is watched', PATIENCE_MS);
  const watcher = watcherOf(world.home, who.cwd);
  if (!watcher) throw new Error('not watched');
  return watcher;
};

const ended = (watcher: Parameters<typeof isRunning>[0]) =>
  waitUntil(() => !isRunning(watcher), `process ${watcher.pid} ends`, PATIENCE_MS);

const edit = ({ cwd }: Session, text: string) => writeFile(join(cwd, FILE), `${text}\n${TEXT}`);

describe('the worktree of an agent that joined', { timeout: 180_000 }, () => {
  it('is watched while its session lasts, so that all who work in it learn of a conflict at their next prompt', async () => {
    await world.actJson(world.repository, 'join', 'claude-code');
    const ada = { session: 's-ada', cwd: world.repository };
    const bob = { session: 's-bob', cwd: world.worktree };
    const watchers = [await begin(ada), await begin(bob)];
    const guest = { session: 's-guest', cwd: ada.cwd };
    expect(await begin(guest)).toEqual(watchers[0]);
    const { findings } = await world.actJson(world.worktree, 'doctor');
    expect(findings).toContainEqual({
      what: 'watch',
      is: `process ${watchers[1]?.pid} watches this worktree for claude-code:s-bob`,
    });
    await edit(ada, 'apples');
    await edit(bob, 'pears');
    const editedAt = performance.now();
    for (const who of [ada, bob, guest])
      await waitUntil(
        async () => (await hook(who, 'prompt')).includes(PREDICTED),
        `${who.session} is told`,
        PATIENCE_MS,
      );
    console.log(`all were told within ${Math.round(performance.now() - editedAt)} ms of the edits`);
    for (const who of [ada, bob, guest]) await hook(who, 'end');
    await Promise.all(watchers.map(ended));
    expect(watchersHere(world.home)).toEqual([]);
  });

  it('has one watcher, which the next session gets anew when its own is over', async () => {
    await world.actJson(world.repository, 'join', 'claude-code');
    const first = { session: 's-1', cwd: world.repository };
    const second = { session: 's-2', cwd: world.repository };
    const watcher = await begin(first);
    expect(await begin(second)).toEqual(watcher);
    expect(watchersHere(world.home)).toHaveLength(1);
    // As when an agent’s memory is cleared: one session follows the other at once.
    await hook(first, 'end');
    expect(await begin(second)).toMatchObject({ agentId: 'claude-code:s-2' });
    await ended(watcher);
    expect(watchersHere(world.home)).toHaveLength(1);
  });

  it('is watched no longer once its repository was left, and never where nobody wanted it', async () => {
    await world.actJson(world.repository, 'join', 'claude-code', '--no-watch');
    const ada = { session: 's-ada', cwd: world.repository };
    await hook(ada, 'start');
    expect((await world.actJson(world.repository, 'doctor'))['findings']).toContainEqual(
      expect.objectContaining({ what: 'watch', is: expect.stringContaining('--no-watch') as string }),
    );
    expect(watchersHere(world.home)).toEqual([]);
    await world.actJson(world.repository, 'join', 'claude-code');
    const switchedOff = await begin(ada);
    await world.actJson(world.repository, 'join', 'claude-code', '--no-watch');
    await ended(switchedOff);
    await world.actJson(world.repository, 'join', 'claude-code');
    const watcher = await begin(ada);
    expect((await world.act(world.repository, 'leave')).code).toBe(0);
    expect(isRunning(watcher)).toBe(false);
    await expect(readFile(join(world.home, '.act', 'watchers'))).rejects.toThrow('ENOENT');
  });

  it('is watched no longer when its client was killed, also with a hub that is gone', async () => {
    await world.actJson(world.repository, 'join', 'claude-code');
    const program = join(world.home, '.claude', 'skills', 'act', 'act-hook.cjs');
    const payload = JSON.stringify({ session_id: 's-ada', cwd: world.repository });
    // Not the last command of the shell: as with a client, the hook is a child of it.
    const client = spawn(
      '/bin/sh',
      ['-c', `'${process.execPath}' '${program}' claude-code start; sleep 600`],
      {
        env: world.env,
        detached: true,
      },
    );
    client.stdin.end(payload);
    await waitUntil(() => watchersHere(world.home).length === 1, 'it is watched', PATIENCE_MS);
    const [watcher] = watchersHere(world.home);
    // Until then a client that is gone may have been a shell between it and the hook.
    await new Promise((resolve) => setTimeout(resolve, 7_000));
    await world.stopHub();
    if (client.pid === undefined || !watcher) throw new Error('no client');
    expect(isRunning(watcher)).toBe(true);
    process.kill(-client.pid, 'SIGKILL');
    await ended(watcher);
  });
});
