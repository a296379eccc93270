import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeTwoWorktrees } from '../test/repository.ts';
import { act, startAct, startTestHub } from '../test/run-act.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'act-watch-'));
  await makeTwoWorktrees(folder);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const both = (): string[] => ['--agent', `ada=${folder}/ada`, '--agent', `bob=${folder}/bob`];

it('shows what would be sent, which is no text of any file, and the conflicts between worktrees', async () => {
  writeFileSync(join(folder, 'ada/a.txt'), 'secret of ada\n2\n3\n');
  writeFileSync(join(folder, 'bob/a.txt'), 'secret of bob\n2\n3\n');
  const shown = await act(['watch', '--show', '--once', '--json', ...both()]);
  expect(shown.code).toBe(0);
  expect(shown.stdout).not.toContain('secret');
  expect(shown.stdout).toContain('"path":"a.txt","status":"modified"');
  expect(shown.stdout).toContain(
    JSON.stringify({ predictions: [{ pair: ['ada', 'bob'], paths: ['a.txt'] }] }),
  );
});

it('says why a folder cannot be watched', async () => {
  const shown = await act(['watch', '--show', '--once', '--agent', `ada=${folder}`]);
  expect(shown.code).not.toBe(0);
  expect(shown.stderr).toContain('not a git repository');
});

const until = async (isSo: () => boolean, meanwhile: (round: number) => void): Promise<void> => {
  const end = performance.now() + 60_000;
  for (let round = 0; !isSo() && performance.now() < end; round++) {
    meanwhile(round);
    await delay(500);
  }
  expect(isSo()).toBe(true);
};

it('reports what an agent does to files as events of the project', async () => {
  const hub = await startTestHub();
  try {
    expect((await act(['project', 'create', 'files'], hub.env)).code).toBe(0);
    const watching = startAct(['watch', ...both()], hub.env);
    const tailing = startAct(['tail', '--after', '0', '--type', 'file', '--json'], hub.env);
    // Written again and again until the watch has begun: it reports what changes after that.
    const write = (round: number) => writeFileSync(join(folder, 'ada/made.txt'), `${round}`);
    await until(() => tailing.stdout().includes('"made.txt"'), write);
    writeFileSync(join(folder, 'bob/a.txt'), '1\n2\nthree\n');
    await until(
      () => /"type":"file.modified","agentId":"bob".*"a.txt"/.test(tailing.stdout()),
      () => {},
    );
    for (const running of [watching, tailing]) running.child.kill('SIGTERM');
    expect((await watching.ended).code).toBe(0);
    await tailing.ended;
  } finally {
    await hub.stop();
  }
});
