import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { testGit } from '../../test/take.ts';
import { temporaryRepository } from '../../test/temporary-repository.ts';
import type { TemporaryRepository } from '../../test/temporary-repository.ts';
import { makeScratch, makeSnapshots, openRepository, watchWorktree } from '../index.ts';
import type { Deliver, Watch, WorktreeReport } from '../index.ts';

const NEVER = 600_000;
const WAIT_MS_MAX = 15_000;
const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step();
});

const start = async (
  deliver?: Deliver,
): Promise<{ project: TemporaryRepository; reports: WorktreeReport[]; watch: Watch }> => {
  const project = temporaryRepository();
  undo.push(() => project.delete());
  project.write('.gitignore', 'ignored/\n');
  project.write('a.txt', 'a\n');
  project.commit();
  const reports: WorktreeReport[] = [];
  const repository = await openRepository(testGit, project.root);
  const scratch = await makeScratch();
  undo.push(() => scratch.close());
  const watch = await watchWorktree({
    git: testGit,
    scratch,
    repository,
    take: makeSnapshots(repository, { git: testGit, scratch }),
    pace: { quietMs: 50, waitMsMax: 500, reconcileMs: NEVER },
    deliver:
      deliver ??
      (async (report) => {
        reports.push(report);
        return true;
      }),
  });
  undo.push(() => watch.close());
  return { project, reports, watch };
};

const until = async (isSo: () => boolean): Promise<void> => {
  const end = performance.now() + WAIT_MS_MAX;
  while (!isSo() && performance.now() < end) await delay(20);
  expect(isSo()).toBe(true);
};

const changesOf = (reports: readonly WorktreeReport[]): string[] =>
  reports.flatMap(({ changes }) => changes.map(({ status, path }) => `${status} ${path}`));

it('reports what was changed since the report before, beside everything that differs from the base', async () => {
  const { project, reports } = await start();
  expect(reports).toMatchObject([{ files: [], changes: [] }]);
  project.write('a.txt', 'b\n');
  await until(() => reports.length === 2);
  project.write('new.txt', 'n\n');
  await until(() => reports.length === 3);
  project.remove('new.txt');
  await until(() => reports.length === 4);
  expect(changesOf(reports)).toEqual(['modified a.txt', 'created new.txt', 'deleted new.txt']);
  expect(reports[2]?.files.map(({ path }) => path)).toEqual(['a.txt', 'new.txt']);
  expect(reports[3]?.files).toMatchObject([
    { path: 'a.txt', hunks: [{ start: 1, length: 1, newLength: 1 }] },
  ]);
});

it('says nothing of ignored files', async () => {
  const { project, reports, watch } = await start();
  project.write('ignored/a/b', 'x');
  await delay(300);
  await watch.reconcile();
  expect(reports).toHaveLength(1);
});

it('delivers again what did not arrive', async () => {
  const arrived: WorktreeReport[] = [];
  let isUp = true;
  const { project, watch } = await start(async (report) => {
    if (isUp) arrived.push(report);
    return isUp;
  });
  isUp = false;
  project.write('one', '1');
  await watch.reconcile();
  project.write('two', '2');
  rmSync(join(project.root, 'a.txt'));
  await watch.reconcile();
  isUp = true;
  await watch.reconcile();
  expect(changesOf(arrived)).toEqual(['deleted a.txt', 'created one', 'created two']);
});

it('finds every change although no event comes, once it reconciles', async () => {
  const { project, reports, watch } = await start();
  for (let file = 0; file < 300; file++) project.write(`burst/${file % 7}/${file}`, `${file}`);
  await watch.reconcile();
  const found = changesOf(reports);
  expect(new Set(found).size).toBe(300);
  expect(found).toHaveLength(300);
});
