import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { importedCommit, withTemporaryProject } from '../conflicts/temporary-project.ts';
import type { TemporaryProject } from '../conflicts/temporary-project.ts';
import { startChild } from '../load/child.ts';
import { describeHost, makePrint, processMemoryMb, publish, readFlags } from '../measure/index.ts';
import type { Host, Published } from '../measure/index.ts';
import type { WatcherProcess, WatcherResult } from '../watcher-process.ts';

const DEFAULTS = { files: 100_000, replaced: 10_000 };
const FILES_PER_FOLDER = 91;
const SETTLE_MS_MAX = 5_000;
const RSS_MB_MAX = 150;
const WAIT_MS_MAX = 60_000;

export interface WatcherFigures {
  bench: 'watcher';
  host: Host;
  files: number;
  replaced: number;
  /** Until the process watches: subscription and first snapshot. */
  startMs: number;
  /** From the last replaced file until all are reported. */
  settledMs: number;
  /** How long the replacing itself took. */
  burstMs: number;
  lost: number;
  reports: number;
  /** Highest resident memory of the watching process. */
  rssMbPeak: number;
}

const pathOf = (at: number): string => join(`folder-${Math.floor(at / FILES_PER_FOLDER)}`, `file-${at}`);

const fill = async ({ git, root }: TemporaryProject, files: number): Promise<void> => {
  const tree = new Map(Array.from({ length: files }, (_, at) => [pathOf(at), [`file ${at}`]]));
  await git(['fast-import', '--quiet'], { directory: root, input: importedCommit('main', tree) });
  await git(['reset', '--hard', '--quiet'], { directory: root });
};

const replace = async (root: string, at: number): Promise<void> => {
  const file = join(root, pathOf(at));
  await rm(file);
  await writeFile(file, `file ${at}, replaced\n`);
};

/**
 * `npm run bench -- watcher [--files N] [--replaced N] [--json] [--assert]`: a tree under watch in which many files
 * are deleted and written anew at once; how many changes are lost, how long until all are known, how much memory.
 */
export async function runWatcher(argv: readonly string[]): Promise<Published<WatcherFigures>> {
  const { json, assert, files, replaced } = readFlags(argv, DEFAULTS);
  const print = makePrint(json);
  const figures = await withTemporaryProject(async (project): Promise<WatcherFigures> => {
    await fill(project, files);
    let result: WatcherResult = { reported: 0, reports: 0 };
    const child = await startChild<WatcherProcess>(
      'watcher-process',
      [project.root, project.folder],
      (line) => {
        result = JSON.parse(line) as WatcherResult;
      },
    );
    const start = performance.now();
    const step = Math.floor(files / replaced);
    for (let at = 0; at < replaced; at++) await replace(project.root, at * step);
    const burstMs = performance.now() - start;
    while (result.reported < replaced && performance.now() - start < WAIT_MS_MAX) await delay(10);
    const settledMs = performance.now() - start - burstMs;
    const { rssMbPeak } = processMemoryMb(child.line.pid);
    await child.stop();
    const lost = replaced - result.reported;
    const { startMs } = child.line;
    const { reports } = result;
    return {
      bench: 'watcher',
      host: describeHost(),
      files,
      replaced,
      startMs,
      settledMs,
      burstMs,
      lost,
      reports,
      rssMbPeak,
    };
  });
  print(JSON.stringify(figures));
  const bounds = [
    { figure: 'lost', value: figures.lost, max: 0 },
    { figure: 'settledMs', value: figures.settledMs, max: SETTLE_MS_MAX },
    { figure: 'rssMbPeak', value: figures.rssMbPeak, max: RSS_MB_MAX },
  ];
  return publish(figures, bounds, { json, ...(assert && { assert }) });
}
