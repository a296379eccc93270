import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { testGit } from '../../test/take.ts';
import { bytesBelow, cloneOf, temporaryRepository } from '../../test/temporary-repository.ts';
import type { TemporaryRepository } from '../../test/temporary-repository.ts';
import {
  makePredictor,
  makeScratch,
  makeSnapshots,
  openRepository,
  readBase,
  readChanges,
} from '../index.ts';
import type { LiveWorktree, Prediction, Scratch } from '../index.ts';
import { parseMerges } from './merge-pairs.ts';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step();
});

const project = (): TemporaryRepository => {
  const repository = temporaryRepository();
  undo.push(() => repository.delete());
  repository.write('a.txt', Array.from({ length: 20 }, (_, at) => `line ${at}\n`).join(''));
  repository.write('b.txt', 'b\n');
  repository.commit();
  return repository;
};

const scratchFolder = async (): Promise<Scratch> => {
  const scratch = await makeScratch();
  undo.push(() => scratch.close());
  return scratch;
};

const live = async ({ root }: TemporaryRepository, key: string, scratch: Scratch): Promise<LiveWorktree> => {
  const repository = await openRepository(testGit, root);
  const snapshot = await makeSnapshots(repository, { git: testGit, scratch })();
  if (!snapshot.ok) throw new Error(snapshot.message);
  const base = await readBase(testGit, repository, snapshot.head);
  const call = { directory: root, env: scratch.environmentFor(repository) };
  return { key, repository, snapshot, files: await readChanges(testGit, call, base, snapshot.tree) };
};

const predictOnce = async (...worktrees: TemporaryRepository[]): Promise<Prediction[]> => {
  const scratch = await scratchFolder();
  const living = [];
  for (const [at, worktree] of worktrees.entries()) living.push(await live(worktree, `w${at}`, scratch));
  return makePredictor(testGit, scratch).predict(living);
};

const edit = ({ write }: TemporaryRepository, line: number, text: string): void => {
  write(
    'a.txt',
    Array.from({ length: 20 }, (_, at) => (at === line ? `${text}\n` : `line ${at}\n`)).join(''),
  );
};

it('says which paths two worktrees could not merge, committed or not', async () => {
  const main = project();
  const [one, other, third] = [main.worktree('one'), main.worktree('other'), main.worktree('third')];
  edit(one, 5, 'five');
  one.commit();
  edit(other, 6, 'six');
  edit(third, 15, 'fifteen');
  expect(await predictOnce(one, other, third)).toEqual([
    { pair: ['w0', 'w1'], paths: ['a.txt'] },
    { pair: ['w0', 'w2'], paths: [] },
    { pair: ['w1', 'w2'], paths: [] },
  ]);
});

it('keeps nothing of the merges it tried', async () => {
  const main = project();
  const [one, other] = [main.worktree('one'), main.worktree('other')];
  edit(one, 5, 'five');
  edit(other, 5, 'cinq');
  const scratch = await scratchFolder();
  const living = [await live(one, 'one', scratch), await live(other, 'other', scratch)];
  const predictor = makePredictor(testGit, scratch);
  await predictor.predict(living);
  const before = readdirSync(scratch.folder, { recursive: true });
  for (const text of ['fünf', 'pět']) {
    edit(other, 5, text);
    await predictor.predict([living[0] as LiveWorktree, await live(other, 'other', scratch)]);
  }
  // A blob, a tree, and the commit of each snapshot.
  const objects = (files: readonly unknown[]) => files.filter((file) => /[0-9a-f]{38}$/.test(String(file)));
  expect(objects(readdirSync(scratch.folder, { recursive: true })).length).toBe(objects(before).length + 6);
});

it('asks git only about pairs that share a path or a folder', async () => {
  const main = project();
  const [one, other, third] = [main.worktree('one'), main.worktree('other'), main.worktree('third')];
  one.write('new', 'file');
  other.write('new/inside', 'file');
  third.write('b.txt', 'c\n');
  const predictions = await predictOnce(one, other, third);
  expect(predictions.map(({ pair }) => pair)).toEqual([['w0', 'w1']]);
  expect(predictions[0]?.paths).toHaveLength(1);
});

it('merges clones with objects of their own, and writes to none of them', async () => {
  const main = project();
  const [one, other] = [cloneOf(main, 'one'), cloneOf(main, 'other')];
  edit(one, 5, 'five');
  one.commit();
  edit(other, 5, 'cinq');
  const before = [one, other].map(({ root }) => bytesBelow(join(root, '.git')));
  expect(await predictOnce(one, other)).toEqual([{ pair: ['w0', 'w1'], paths: ['a.txt'] }]);
  expect([one, other].map(({ root }) => bytesBelow(join(root, '.git')))).toEqual(before);
});

it('says nothing certain of histories without a common commit, and still predicts the others', async () => {
  const main = project();
  const stranger = project();
  stranger.git('commit', '-q', '--amend', '-m', 'another root');
  const [one, other] = [main.worktree('one'), main.worktree('other')];
  for (const [at, worktree] of [stranger, one, other].entries()) worktree.write('b.txt', `${at}\n`);
  expect(await predictOnce(stranger, one, other)).toEqual([
    { pair: ['w0', 'w1'], paths: undefined },
    { pair: ['w0', 'w2'], paths: undefined },
    { pair: ['w1', 'w2'], paths: ['b.txt'] },
  ]);
});

it('withdraws a prediction when one of the two has changed', async () => {
  const main = project();
  const [one, other] = [main.worktree('one'), main.worktree('other')];
  const scratch = await scratchFolder();
  const predictor = makePredictor(testGit, scratch);
  const predict = async (): Promise<Prediction['paths'][]> => {
    const worktrees = [await live(one, 'one', scratch), await live(other, 'other', scratch)];
    return (await predictor.predict(worktrees)).map(({ paths }) => paths);
  };
  edit(one, 5, 'five');
  edit(other, 5, 'cinq');
  expect(await predict()).toEqual([['a.txt']]);
  expect(await predict()).toEqual([['a.txt']]);
  edit(other, 5, 'five');
  expect(await predict()).toEqual([[]]);
  edit(other, 5, 'line 5');
  expect(await predict()).toEqual([]);
});

it('reads the answers of git up to the last whole one', () => {
  expect(parseMerges(['1', 'oid', '', '0', 'oid', 'a\nb', 'c', '', '0', 'oid', 'd'])).toEqual([
    [],
    ['a\nb', 'c'],
  ]);
});
