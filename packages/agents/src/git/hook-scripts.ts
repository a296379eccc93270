import { lstatSync, readFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { withoutBlock } from '../files/block.ts';
import type { FileChange } from '../files/ledger.ts';
import { hookPath } from '../clients/hook-path.ts';
import type { Setup } from '../clients/client-files.ts';
import { gitText } from '../hook/git-text.ts';
import { GIT_MOMENTS, REFUSED } from './run-git-hook.ts';
import type { GitMoment } from './run-git-hook.ts';

const BLOCK = { first: '# ACT Hub: act join put this here', last: '# ACT Hub: end' };
const OWN_FIRST_LINE = '#!/bin/sh\n';
const SHELL = /^#!\s*(?:\/usr)?(?:\/local)?\/bin\/(?:env\s+)?(?:ba|da|z|k|a)?sh\b/;
const EXECUTABLE = 0o111;

const quoted = (word: string): string => `'${word.replaceAll("'", String.raw`'\''`)}'`;

/** One line of shell that says nothing and lets everything pass where our program is gone, also under `set -e`. */
const callOf = (setup: Setup, moment: GitMoment): string => {
  const program = quoted(hookPath(setup));
  const call = `${quoted(setup.node)} ${program} git ${moment}`;
  const outcome = moment === 'pre-commit' ? `[ $? -ne ${REFUSED} ] || exit 1` : ':';
  return `if [ -f ${program} ]; then ${call} || ${outcome}; fi`;
};

/** A hook of git with our line below its first, so that a script that ends early does not skip it. */
export const gitHookFile = (setup: Setup, path: string, moment: GitMoment): FileChange => ({
  path,
  edit(before) {
    const text = withoutBlock(before ?? OWN_FIRST_LINE, BLOCK);
    const end = text.indexOf('\n');
    const first = end < 0 ? `${text}\n` : text.slice(0, end + 1);
    const block = [BLOCK.first, callOf(setup, moment), BLOCK.last].join('\n');
    return `${first}${block}\n${text.slice(first.length)}`;
  },
  undo(now) {
    const rest = withoutBlock(now, BLOCK);
    return rest === OWN_FIRST_LINE ? undefined : rest;
  },
  ...(lstatSync(path, { throwIfNoEntry: false }) ? {} : { mode: 0o755 }),
});

/** Why a hook that is there is left alone. */
const obstacleIn = (path: string): string | undefined => {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat) return undefined;
  if (!stat.isFile()) return 'is a link';
  if (process.platform !== 'win32' && (stat.mode & EXECUTABLE) === 0) return 'is not executable';
  return SHELL.test(readFileSync(path, 'utf8')) ? undefined : 'is no shell script';
};

const isInside = (folder: string, path: string): boolean => {
  const below = relative(folder, path);
  return below !== '..' && !below.startsWith(`..${sep}`) && resolve(folder, below) === path;
};

/** Folders of hooks that other repositories use, or that are part of the project itself, are not ours to write into. */
const isOurs = (top: string, folder: string): boolean => {
  const common = gitText(top, ['rev-parse', '--git-common-dir']);
  if (common === undefined) return false;
  if (isInside(resolve(top, common.trim()), folder)) return true;
  return isInside(top, folder) && gitText(top, ['check-ignore', join(folder, 'post-commit')]) !== undefined;
};

export interface GitHooks {
  readonly files: readonly FileChange[];
  /** What has to be done by hand. */
  readonly remarks: readonly string[];
}

/**
 * The hooks of a repository, wherever git looks for them: `core.hooksPath` and, in a worktree, its repository’s. What
 * is there is chained; where we may not write, the line to add is told.
 */
export const gitHooks = (setup: Setup): GitHooks => {
  const told = gitText(setup.root, ['rev-parse', '--git-path', 'hooks']);
  if (told === undefined) return { files: [], remarks: [] };
  const folder = resolve(setup.root, told.trim());
  const isFolderOurs = isOurs(setup.root, folder);
  const files: FileChange[] = [];
  const remarks: string[] = [];
  for (const moment of GIT_MOMENTS) {
    const path = join(folder, moment);
    const obstacle = isFolderOurs ? obstacleIn(path) : 'is in a folder that others share';
    if (obstacle === undefined) files.push(gitHookFile(setup, path, moment));
    else remarks.push(`${path} ${obstacle}: it was left alone; add to it: ${callOf(setup, moment)}`);
  }
  return { files, remarks };
};

/** The same for hooks that were written before, wherever git looks for them now. */
export const gitHooksAt = (setup: Setup, paths: readonly string[]): readonly FileChange[] =>
  paths.flatMap((path) => {
    const moment = GIT_MOMENTS.find((one) => path.endsWith(`${sep}${one}`));
    return moment === undefined ? [] : [gitHookFile(setup, path, moment)];
  });
