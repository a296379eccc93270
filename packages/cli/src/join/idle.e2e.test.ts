import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeJoinedWorld } from '../../test/joined-world.ts';
import type { JoinedWorld } from '../../test/joined-world.ts';

const AGENT = 'claude-code:s';

describe('the hook that waits beside an idle agent', { timeout: 120_000 }, () => {
  let world: JoinedWorld;
  beforeAll(async () => {
    world = await makeJoinedWorld();
    await world.actJson(world.repository, 'join', 'claude-code');
  });
  afterAll(() => world.stop());

  const hook = async (moment: string): Promise<{ code: unknown; stderr: string }> => {
    const program = join(world.home, '.claude', 'skills', 'act', 'act-hook.cjs');
    const child = spawn(process.execPath, [program, 'claude-code', moment], { env: world.env });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.stdout.resume();
    child.stdin.end(JSON.stringify({ session_id: 's', cwd: world.repository }));
    const [code] = (await once(child, 'close')) as [unknown];
    return { code, stderr };
  };
  const task = (...words: string[]) => world.actJson(world.repository, 'task', ...words);
  /** What a waiting hook answers; `meanwhile` begins when it has looked once. */
  const idle = async (meanwhile: () => Promise<unknown>) => {
    const waiting = hook('idle');
    await new Promise((resolve) => setTimeout(resolve, 8_000));
    await meanwhile();
    return waiting;
  };

  it('tells of work that became ready since, but only an agent that has done some', async () => {
    await hook('start');
    const ended = await idle(async () => {
      await task('create', 'Greeting');
      await new Promise((resolve) => setTimeout(resolve, 8_000));
      await hook('prompt');
    });
    expect(ended).toEqual({ code: 0, stderr: '' });
    const taken = JSON.stringify(await task('next', '--agent', AGENT));
    const taskId = /"taskId":"([0-9a-f-]{36})"/.exec(taken)?.[1] ?? taken;
    expect((await world.act(world.repository, 'task', 'complete', taskId, '--agent', AGENT)).code).toBe(0);
    await task('create', 'Left as it stopped');
    expect(await idle(() => task('create', 'Farewell'))).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^Ready and held by nobody: 2 tasks/) as string,
    });
  });

  it('gives its place to the next one, and ends with the next prompt', async () => {
    const first = hook('idle');
    expect(await idle(() => hook('prompt'))).toEqual({ code: 0, stderr: '' });
    expect(await first).toEqual({ code: 0, stderr: '' });
  });
});
