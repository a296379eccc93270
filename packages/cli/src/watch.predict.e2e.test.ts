import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { makeTwoWorktrees } from '../test/repository.ts';
import { act, startAct, startTestHub } from '../test/run-act.ts';

const PATIENCE_MS = 60_000;

/** Milliseconds until it is so. */
const until = async (isSo: () => boolean): Promise<number> => {
  const began = performance.now();
  while (!isSo() && performance.now() - began < PATIENCE_MS) await delay(20);
  expect(isSo()).toBe(true);
  return Math.round(performance.now() - began);
};

it('predicts a conflict between the worktrees of two agents, and withdraws it when it is gone', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'act-predict-'));
  const hub = await startTestHub();
  try {
    await makeTwoWorktrees(folder);
    expect((await act(['project', 'create', 'predicted'], hub.env)).code).toBe(0);
    const agents = ['--agent', `ada=${folder}/ada`, '--agent', `bob=${folder}/bob`];
    const watching = startAct(['watch', ...agents], hub.env);
    const tailing = startAct(['tail', '--after', '0', '--json'], hub.env);
    const count = (type: string): number => tailing.stdout().split(`"type":"${type}"`).length - 1;
    await until(() => count('worktree.reported') === 2);
    writeFileSync(join(folder, 'ada/a.txt'), 'secret of ada\n2\n3\n');
    await until(() => count('worktree.reported') === 3);
    writeFileSync(join(folder, 'bob/a.txt'), 'secret of bob\n2\n3\n');
    const toldMs = await until(() => count('conflict.predicted') === 1);
    writeFileSync(join(folder, 'bob/a.txt'), '1\n2\n3\n');
    const goneMs = await until(() => count('conflict.withdrawn') === 1);
    console.log(`from the edit to the event: predicted ${toldMs} ms, withdrawn ${goneMs} ms`);
    expect(tailing.stdout()).not.toContain('secret');
    expect(tailing.stdout()).toMatch(
      /"conflict.predicted".*"agents":\["(?:ada","bob|bob","ada)"\],"path":"a.txt"/,
    );
    for (const running of [watching, tailing]) running.child.kill('SIGTERM');
    await Promise.all([watching.ended, tailing.ended]);
  } finally {
    await hub.stop();
    await rm(folder, { recursive: true, force: true });
  }
});
