import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  makePredictor,
  makeScratch,
  makeSnapshots,
  openRepository,
  readChanges,
} from '@agentmix/act-workspace';
import type { LiveWorktree, Scratch, TakeSnapshot, Repository } from '@agentmix/act-workspace';
import { spread } from '../measure/index.ts';
import type { Spread } from '../measure/index.ts';
import { importedCommit, withTemporaryProject } from './temporary-project.ts';
import type { TemporaryProject } from './temporary-project.ts';

export interface MergeTimes {
  readonly worktrees: number;
  readonly files: number;
  readonly pairs: number;
  /** One round of predictions over all pairs, every worktree having changed since the round before. */
  readonly allPairsMs: Spread;
  /** The same, for one pair of them. */
  readonly pairMs: Spread;
  /** Two worktrees alone, with the start of the process. */
  readonly singlePairMs: Spread;
  /** A snapshot and its changes, of one worktree. */
  readonly snapshotMs: Spread;
}

export interface MergeSizes {
  readonly worktrees: number;
  readonly files: number;
  readonly rounds: number;
}

const LINES = 200;
const FILES_PER_FOLDER = 50;

const linesWith = (line: number, text: string): string[] =>
  Array.from({ length: LINES }, (_, at) => (at === line ? text : `line ${at}`));

interface Place {
  readonly key: string;
  readonly repository: Repository;
  readonly take: TakeSnapshot;
}

const makePlaces = async (
  { git, root, folder }: TemporaryProject,
  scratch: Scratch,
  { worktrees, files }: MergeSizes,
): Promise<Place[]> => {
  const base = new Map(
    Array.from({ length: files }, (_, at) => [
      `folder-${Math.floor(at / FILES_PER_FOLDER)}/file-${at}`,
      linesWith(at % LINES, `file ${at}`),
    ]),
  );
  await git(['fast-import', '--quiet'], { directory: root, input: importedCommit('main', base) });
  const places: Place[] = [];
  for (let at = 0; at < worktrees; at++) {
    const path = join(folder, `worktree-${at}`);
    await git(['worktree', 'add', '--quiet', '--detach', path, 'main'], { directory: root });
    const repository = await openRepository(git, path);
    places.push({ key: `${at}`, repository, take: makeSnapshots(repository, { git, scratch }) });
  }
  return places;
};

const timed = async <T>(times: number[], step: () => Promise<T>): Promise<T> => {
  const start = performance.now();
  const result = await step();
  times.push(performance.now() - start);
  return result;
};

/** All worktrees change one file in lines of their own or of others, so that every pair has to be merged. */
const edit = async ({ repository, key }: Place, round: number): Promise<void> => {
  const text = linesWith((Number(key) * 7 + round) % LINES, `round ${round} of ${key}`);
  await writeFile(join(repository.root, 'folder-0/file-0'), `${text.join('\n')}\n`);
};

/** How long exact predictions take, from worktrees on disk to paths in conflict. */
export async function measureMerges(sizes: MergeSizes): Promise<MergeTimes> {
  return await withTemporaryProject(async (project) => {
    const { git } = project;
    const scratch = await makeScratch(project.folder);
    const places = await makePlaces(project, scratch, sizes);
    const predictor = makePredictor(git, scratch);
    const [all, single, snapshots]: number[][] = [[], [], []];
    let pairs = 0;
    for (let round = 0; round <= sizes.rounds; round++) {
      const living: LiveWorktree[] = [];
      for (const place of places) {
        await edit(place, round);
        const { repository, key, take } = place;
        living.push(
          await timed(snapshots ?? [], async () => {
            const snapshot = await take();
            if (!snapshot.ok) throw new Error(snapshot.message);
            const call = { directory: repository.root, env: scratch.environmentFor(repository) };
            return { key, repository, snapshot, files: await readChanges(git, call, 'main', snapshot.tree) };
          }),
        );
      }
      pairs = (await timed(all ?? [], () => predictor.predict(living))).length;
      await timed(single ?? [], () => makePredictor(git, scratch).predict(living.slice(0, 2)));
    }
    // The first round fills caches: of the disk, and of git about each file.
    const [allPairs, singlePair, snapshot] = [all, single, snapshots].map((times) => times?.slice(1) ?? []);
    return {
      worktrees: sizes.worktrees,
      files: sizes.files,
      pairs,
      allPairsMs: spread(allPairs ?? []),
      pairMs: spread((allPairs ?? []).map((ms) => ms / pairs)),
      singlePairMs: spread(singlePair ?? []),
      snapshotMs: spread((snapshot ?? []).slice(sizes.worktrees - 1)),
    };
  });
}
