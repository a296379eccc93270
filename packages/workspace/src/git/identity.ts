import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lineOf } from './git.ts';
import type { Git } from './git.ts';
import type { Repository } from './repository.ts';

/** By what worktrees and clones of one project know each other. */
export interface ProjectIdentity {
  /** Folder that the worktrees of one clone share. */
  readonly commonFolder: string;
  /** First commit of the history, following first parents. Absent without commits, or where it is cut off. */
  readonly root?: string;
  /** Where it was cloned from, without protocol, user and password; paths of local clones are as they are. */
  readonly remotes: readonly string[];
}

/**
 * One spelling for the many of an address: `git@host:o/r.git`, `ssh://git@host/o/r` and `https://u:p@host/o/r/` are
 * `host/o/r`. What it leaves out, above all passwords, is never stored or sent.
 */
export const normaliseRemote = (address: string): string => {
  const url = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/@]*@)?([^/:]*)(?::\d+)?\/(.*)$/i.exec(address);
  const short = url ? undefined : /^(?:[^/@:]+@)?([^/:@]{2,}):(.+)$/.exec(address);
  const [, host = '', path = address] = url ?? short ?? [];
  const bare = path.replace(/\/+$/, '').replace(/\.git$/, '');
  return host === '' ? (url ? `/${bare}` : bare) : `${host.toLowerCase()}/${bare.replace(/^\/+/, '')}`;
};

const remotesOf = async (git: Git, { root }: Repository): Promise<string[]> => {
  const answer = await git(['config', '--get-regexp', '-z', '^remote\\..*\\.url$'], {
    directory: root,
    codes: [0, 1],
  });
  const values = answer.stdout
    .toString('utf8')
    .split('\0')
    .flatMap((entry) => (entry.includes('\n') ? [entry.slice(entry.indexOf('\n') + 1)] : []));
  return [...new Set(values.map(normaliseRemote))].toSorted();
};

const rootOf = async (git: Git, repository: Repository): Promise<string | undefined> => {
  const answer = await git(['rev-list', '--max-parents=0', '--first-parent', 'HEAD', '--'], {
    directory: repository.root,
    codes: [0, 128],
  });
  const root = lineOf(answer).split('\n').at(-1);
  if (answer.code !== 0 || !root) return undefined;
  if (!repository.isShallow) return root;
  const cutOff = await readFile(join(repository.commonFolder, 'shallow'), 'utf8').catch(() => '');
  return cutOff.includes(root) ? undefined : root;
};

/** Reads what a project is known by. Throws GitFailed. */
export const readIdentity = async (git: Git, repository: Repository): Promise<ProjectIdentity> => {
  const [root, remotes] = await Promise.all([rootOf(git, repository), remotesOf(git, repository)]);
  return { commonFolder: repository.commonFolder, remotes, ...(root === undefined ? {} : { root }) };
};

const isClonedFrom = (one: ProjectIdentity, other: ProjectIdentity): boolean =>
  one.remotes.some(
    (remote) =>
      other.remotes.includes(remote) ||
      `${remote}/.git` === other.commonFolder ||
      remote === other.commonFolder,
  );

/**
 * Whether two worktrees are of one project: they share a clone; or they share the first commit, unless both have
 * remotes and none in common (a project that grew out of another is a project of its own); or, where the first
 * commit of one is not known, they share a remote. Different first commits are never one project.
 */
export const isSameProject = (one: ProjectIdentity, other: ProjectIdentity): boolean => {
  if (one.commonFolder === other.commonFolder) return true;
  const isLinked = isClonedFrom(one, other) || isClonedFrom(other, one);
  if (one.root === undefined || other.root === undefined) return isLinked;
  return one.root === other.root && (isLinked || one.remotes.length === 0 || other.remotes.length === 0);
};
