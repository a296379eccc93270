import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeGit } from '@agentmix/act-workspace';
import type { Git } from '@agentmix/act-workspace';
import type { Files } from './random-branches.ts';

/** A hundred thousand files on a busy disk take more than git gets elsewhere. */
const SETUP_MS_MAX = 300_000;

export interface TemporaryProject {
  readonly git: Git;
  readonly root: string;
  readonly folder: string;
}

/** Runs a step in an empty repository of its own, and removes it. */
export async function withTemporaryProject<T>(step: (project: TemporaryProject) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'act-bench-'));
  const git = makeGit({ env: { PATH: process.env['PATH'], HOME: folder }, timeoutMs: SETUP_MS_MAX });
  const root = join(folder, 'main');
  try {
    await mkdir(root);
    await git(['init', '--quiet', '-b', 'main'], { directory: root });
    return await step({ git, root, folder });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const textOf = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

/** One commit for `git fast-import`. Its branch is a name; `from` is the branch it is on. */
export const importedCommit = (branch: string, files: Files, from?: string): string => {
  const changes = [...files].map(([path, lines]) => {
    const text = textOf(lines);
    return `M 100644 inline ${path}\ndata ${Buffer.byteLength(text)}\n${text}\n`;
  });
  const parent = from === undefined ? '' : `from refs/heads/${from}\n`;
  return `commit refs/heads/${branch}\ncommitter bench <bench@localhost> 0 +0000\ndata 0\n${parent}deleteall\n${changes.join('')}\n`;
};
