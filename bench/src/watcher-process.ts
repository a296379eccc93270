import { once } from 'node:events';
import { makeGit, makeScratch, makeSnapshots, openRepository, watchWorktree } from '@agentmix/act-workspace';

/** What the watching process says on its first line, once it watches. */
export interface WatcherProcess {
  pid: number;
  startMs: number;
}

/** Its second line, once the files that differ from the first commit are as many as wanted, and at its end. */
export interface WatcherResult {
  /** Different files in all reports. */
  reported: number;
  reports: number;
}

const [root = '', folder = ''] = process.argv.slice(2);
const start = performance.now();
const git = makeGit({ env: process.env });
const repository = await openRepository(git, root);
const scratch = await makeScratch(folder);
const seen = new Set<string>();
let reports = 0;
const watch = await watchWorktree({
  git,
  scratch,
  repository,
  take: makeSnapshots(repository, { git, scratch }),
  async deliver({ changes }) {
    for (const { path } of changes) seen.add(path);
    reports++;
    const result: WatcherResult = { reported: seen.size, reports };
    if (reports > 1) process.stdout.write(`${JSON.stringify(result)}\n`);
    return true;
  },
});
const ready: WatcherProcess = { pid: process.pid, startMs: performance.now() - start };
process.stdout.write(`${JSON.stringify(ready)}\n`);
process.stdin.resume();
await once(process.stdin, 'end');
await watch.close();
await scratch.close();
