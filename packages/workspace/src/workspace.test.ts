import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { temporaryRepository } from '../test/temporary-repository.ts';
import { openWorkspace } from './index.ts';
import type { Prediction } from './index.ts';

const NEVER = 600_000;

it('predicts merges between the worktrees it watches, once, and withdraws them', async () => {
  const main = temporaryRepository();
  main.write('a.txt', '1\n2\n3\n');
  main.commit();
  const [ada, bob] = [main.worktree('ada'), main.worktree('bob')];
  const predicted: (readonly Prediction[])[] = [];
  const reported: string[] = [];
  const workspace = await openWorkspace({
    env: { PATH: process.env['PATH'], HOME: tmpdir() },
    folders: new Map([
      ['ada', ada.root],
      ['bob', bob.root],
    ]),
    pace: { quietMs: 50, waitMsMax: 500, reconcileMs: NEVER },
    deliver: async (key, { changes }) => {
      for (const { path, status } of changes) reported.push(`${key} ${status} ${path}`);
      return true;
    },
    onPredictions: (predictions) => predicted.push(predictions),
  });
  try {
    ada.write('a.txt', 'ada\n2\n3\n');
    await workspace.reconcile();
    bob.write('a.txt', 'bob\n2\n3\n');
    await workspace.reconcile();
    bob.write('b.txt', 'another file\n');
    await workspace.reconcile();
    bob.write('a.txt', 'ada\n2\n3\n');
    await workspace.reconcile();
    expect(predicted).toEqual([[{ pair: ['ada', 'bob'], paths: ['a.txt'] }], []]);
    expect(reported).toEqual([
      'ada modified a.txt',
      'bob modified a.txt',
      'bob created b.txt',
      'bob modified a.txt',
    ]);
  } finally {
    await workspace.close();
    main.delete();
  }
});

it('forgets old versions of files, and goes on from those it delivered and merged', async () => {
  const main = temporaryRepository();
  main.write('a.txt', '1\n2\n3\n');
  main.commit();
  const [ada, bob] = [main.worktree('ada'), main.worktree('bob')];
  const temporary = mkdtempSync(join(tmpdir(), 'act-workspace-test-'));
  vi.stubEnv('TMPDIR', temporary);
  const objects = () =>
    readdirSync(temporary, { recursive: true, encoding: 'utf8' }).filter((path) =>
      /[/\\]objects[/\\]..[/\\]/.test(path),
    ).length;
  let ahead = 0;
  const predicted: (readonly Prediction[])[] = [];
  const failures: unknown[] = [];
  const workspace = await openWorkspace({
    env: { PATH: process.env['PATH'], HOME: tmpdir() },
    folders: new Map([
      ['ada', ada.root],
      ['bob', bob.root],
    ]),
    pace: { quietMs: NEVER, waitMsMax: NEVER, reconcileMs: NEVER },
    deliver: () => Promise.resolve(true),
    onPredictions: (predictions) => predicted.push(predictions),
    onFailure: (key, failure) => failures.push([key, failure]),
    now: () => Date.now() + ahead,
  });
  try {
    ada.write('a.txt', 'ada\n2\n3\n');
    for (let version = 0; version < 20; version++) {
      bob.write('b.txt', `${version}\n`);
      await workspace.reconcile();
    }
    expect(objects()).toBeGreaterThan(40);
    ahead += 3_600_000;
    bob.write('a.txt', 'bob\n2\n3\n');
    await workspace.reconcile();
    expect(objects()).toBeLessThan(10);
    ada.write('c.txt', 'another file\n');
    await workspace.reconcile();
    bob.write('a.txt', 'ada\n2\n3\n');
    await workspace.reconcile();
    expect(predicted).toEqual([[{ pair: ['ada', 'bob'], paths: ['a.txt'] }], []]);
    expect(failures).toEqual([]);
  } finally {
    await workspace.close();
    vi.unstubAllEnvs();
    main.delete();
    rmSync(temporary, { recursive: true });
  }
});
