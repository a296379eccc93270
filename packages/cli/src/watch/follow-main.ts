import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { COMMITS_MAX, NAME_CHARS_MAX } from '@agentmix/act-contract';
import { makeGit, openRepository, readMainCommits } from '@agentmix/act-workspace';
import type { Output } from '../cli/output.ts';
import type { ProjectConnection } from '../connection/find-project.ts';

const EVERY_MS = 5_000;

/** The last commit that was told, kept for the next start: what came while nothing watched is news, too. */
const readSeen = async (file: string): Promise<string | undefined> => {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch {
    // Nothing was told yet: it begins where the branch is.
    return undefined;
  }
};

/** Tells the hub what came to the main branch since it was told last; the tasks that it settles are shown. */
export const reportMain = async (
  { command, project, dataDir }: ProjectConnection,
  folder: string,
  env: Readonly<Record<string, string | undefined>>,
  output: Output,
): Promise<void> => {
  const git = makeGit({ env });
  const file = join(dataDir, 'main-commits', project.id);
  const seen = await readSeen(file);
  const main = await readMainCommits(git, await openRepository(git, folder), seen);
  if (!main || main.commit === seen) return;
  const branch = main.name.slice(0, NAME_CHARS_MAX);
  for (let from = 0; from < main.commits.length; from += COMMITS_MAX) {
    const commits = main.commits.slice(from, from + COMMITS_MAX).map(({ commit, paths, mentions }) => ({
      commit,
      paths: [...paths],
      mentions: [...mentions],
    }));
    const told = await command('the commits were not reported', 'branch.report', project.id, {
      branch,
      commits,
    });
    for (const taskId of told.settled)
      output.line(`perhaps done already, by a commit on ${branch}: ${taskId}`);
  }
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(file, `${main.commit}\n`);
};

/** Goes on reporting until the signal; what cannot be told now is told at the next round. */
export const followMain = async (
  report: () => Promise<void>,
  output: Output,
  signal: AbortSignal,
): Promise<void> => {
  while (!signal.aborted) {
    await report().catch((error: unknown) =>
      output.remark(`the main branch: ${error instanceof Error ? error.message : String(error)}`),
    );
    await setTimeout(EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
};
