import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ActEvent } from '@agentmix/act-contract';
import { listAll } from '../list-all.ts';
import { actProgram } from '../processes/act-program.ts';
import type { Stage } from '../processes/stage.ts';
import { defineRow } from '../row.ts';
import { openScene, waitUntil } from '../scene.ts';
import type { Scene } from '../scene.ts';

type Names = 'files' | 'late-ms' | 'patience-ms';

const FILE = 'shop.txt';
const HIDDEN = 20;
const QUIET_MS = 4_000;

const write = (file: string, text: string): void => {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
};

/** The file with some of its lines edited, in somebody’s words. */
const editedBy = (name: string, ...lines: readonly number[]): string =>
  Array.from({ length: 30 }, (_, at) =>
    lines.includes(at + 1) ? `line ${at + 1} of ${name}\n` : `line ${at + 1}\n`,
  ).join('');

/** Two clones, as two machines have them: git cannot merge the one with the other. */
const makeClones = ({ dir }: Stage): readonly [ada: string, bob: string] => {
  const git = (cwd: string, ...words: string[]): unknown =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...words], {
      cwd,
      stdio: 'ignore',
    });
  const origin = join(dir, 'origin');
  write(join(origin, FILE), editedBy('nobody'));
  git(origin, 'init', '-b', 'main');
  git(origin, 'add', '.');
  git(origin, 'commit', '-m', 'first');
  for (const name of ['ada', 'bob']) git(dir, 'clone', '--quiet', origin, name);
  return [join(dir, 'ada'), join(dir, 'bob')];
};

/** Watches a clone for an agent, as `act watch` on its machine does, until the stage ends. */
const watch = (stage: Stage, scene: Scene, agent: string): void => {
  const { words, env } = actProgram(scene);
  const cwd = join(stage.dir, agent);
  // A home of its own: what the other one keeps is on another machine.
  const home = join(stage.dir, `home-of-${agent}`);
  const child = spawn(process.execPath, [...words, 'watch', '--agent', agent], {
    cwd,
    env: { ...env, HOME: home, ACT_DATA_DIR: join(home, 'act') },
    stdio: 'ignore',
  });
  stage.onClose(async () => {
    const exited = once(child, 'exit');
    if (child.exitCode === null && child.kill('SIGTERM')) await exited;
  });
};

const countOf = async (scene: Scene, type: ActEvent['type']): Promise<number> =>
  (await listAll(scene, 'event.list', { type })).length;

/** Waits until so many events of a type are there; answers the milliseconds it took, or nothing. */
const until = async (
  scene: Scene,
  type: ActEvent['type'],
  count: number,
  patienceMs: number,
): Promise<number | undefined> => {
  const began = performance.now();
  const isSo = async (): Promise<boolean> => (await countOf(scene, type)) >= count;
  return (await waitUntil(isSo, patienceMs, 50)) ? Math.round(performance.now() - began) : undefined;
};

/** Files made in a burst, in folders that are new, and files that git no longer ignores, of which no watcher tells. */
const lostOf = async (scene: Scene, ada: string, files: number, patienceMs: number): Promise<number> => {
  for (let at = 0; at < files; at++) write(join(ada, `burst/${at % 97}/${at}`), `${at}`);
  const begun = await until(scene, 'file.created', files, patienceMs);
  // By then nothing that was said of the burst leads to a look any more.
  await sleep(QUIET_MS);
  writeFileSync(join(ada, '.git/info/exclude'), '');
  const all = files + HIDDEN;
  if (begun !== undefined) await until(scene, 'file.created', all, patienceMs);
  return all - (await countOf(scene, 'file.created'));
};

export const t40 = defineRow<Names>({
  name: 'T40',
  summary:
    'worktrees: clones of two agents under act watch; conflicts predicted and withdrawn, bursts, silent changes',
  sizes: { files: [5_000, 500], 'late-ms': [2_000, 2_000], 'patience-ms': [60_000, 20_000] },
  run: async ({ stage, sizes, log }) => {
    const scene = await openScene(stage, {});
    const patienceMs = sizes['patience-ms'];
    const [ada, bob] = makeClones(stage);
    for (let at = 0; at < HIDDEN; at++) write(join(ada, `local/${at}`), `${at}`);
    writeFileSync(join(ada, '.git/info/exclude'), 'local/\n');
    for (const agent of ['ada', 'bob']) watch(stage, scene, agent);
    await until(scene, 'worktree.reported', 2, 60_000);

    // Both in one file, far from each other: nothing that git could not merge.
    writeFileSync(join(ada, FILE), editedBy('ada', 10));
    await until(scene, 'worktree.reported', 3, patienceMs);
    writeFileSync(join(bob, FILE), editedBy('bob', 20));
    await until(scene, 'worktree.reported', 4, patienceMs);
    const falseAlarms = await countOf(scene, 'conflict.predicted');
    writeFileSync(join(bob, FILE), editedBy('bob', 10, 20));
    const predictedMs = await until(scene, 'conflict.predicted', falseAlarms + 1, patienceMs);
    writeFileSync(join(bob, FILE), editedBy('bob', 20));
    const withdrawnMs = await until(scene, 'conflict.withdrawn', 1, patienceMs);
    const missed = [predictedMs, withdrawnMs].filter((ms) => ms === undefined).length;
    const late = [predictedMs, withdrawnMs].filter((ms = 0) => ms > sizes['late-ms']).length;
    log(`${falseAlarms} false alarms, predicted after ${predictedMs} ms, withdrawn after ${withdrawnMs} ms`);

    const lost = await lostOf(scene, ada, sizes.files, patienceMs);
    const wrong = { falseAlarms, missed, late, lost };
    const passed = Object.values(wrong).every((count) => count === 0);
    return { ...wrong, predictedMs, withdrawnMs, passed };
  },
});
