import { existsSync, lstatSync, readFileSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

/** What this user's machine keeps of a project it joined, in a folder that only this user reads. */
export interface JoinedProject {
  readonly projectId: string;
  readonly name: string;
  readonly url: string;
  /** An API key with the role agent, of this project alone. */
  readonly key: string;
  readonly memberId: string;
  readonly keyId: string;
  /** Real paths of the repositories that were joined by this user. */
  readonly roots: readonly string[];
  /** How the command line is started that watches working trees; absent where they are not watched by themselves. */
  readonly watch?: readonly string[];
}

/** Where a session works: a working tree, and the project that its repository belongs to. */
export interface Place {
  /** Top of the working tree: paths are relative to it, in every worktree alike. */
  readonly top: string;
  readonly project: JoinedProject;
}

export const MARKER = join('.act', 'project.json');
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export const homeFolder = (home: string): string => join(home, '.act');
/** Where hooks keep what V8 compiled of them. */
export const codeFolder = (home: string): string => join(homeFolder(home), 'code');
export const joinedFile = (home: string, projectId: string): string =>
  join(homeFolder(home), 'projects', `${projectId}.json`);

const readJson = (file: string): unknown => {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    // Not there, not readable or not JSON: then this is no joined repository, and not ours to complain about here.
    return undefined;
  }
};

const isDirectory = (path: string): boolean =>
  lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

/** The repository that a linked worktree belongs to, by the file that stands in the place of its `.git`. */
const mainTree = (top: string): string | undefined => {
  try {
    const pointer = /^gitdir: (.+)$/m.exec(readFileSync(join(top, '.git'), 'utf8'))?.[1];
    if (pointer === undefined) return undefined;
    const own = resolve(top, pointer.trim());
    const common = resolve(own, readFileSync(join(own, 'commondir'), 'utf8').trim());
    return basename(common) === '.git' ? dirname(common) : undefined;
  } catch {
    // A submodule or a broken worktree: it has no common directory, and is a repository of its own. So is a worktree of
    // a bare repository, which has no main one.
    return undefined;
  }
};

export interface Tree {
  readonly top: string;
  /** Where the marker of its repository is: for a linked worktree in the main one. */
  readonly root: string;
}

/** The working tree around a folder: of git, or else below a marker. */
export const treeOf = (folder: string): Tree | undefined => {
  for (let top = folder; ; top = dirname(top)) {
    const git = join(top, '.git');
    if (existsSync(git)) return { top, root: isDirectory(git) ? top : (mainTree(top) ?? top) };
    if (existsSync(join(top, MARKER))) return { top, root: top };
    if (dirname(top) === top) return undefined;
  }
};

/** Real paths: a client may name a file through a link. A path that is not there yet is real as far as it is. */
export const realPath = (path: string): string => {
  try {
    return realpathSync(path);
  } catch {
    return dirname(path) === path ? path : join(realPath(dirname(path)), basename(path));
  }
};

/**
 * The project that a folder was joined to, by this user: a marker alone, say of a repository that somebody else made,
 * says nothing. undefined everywhere else.
 */
export const findPlace = (folder: string, home: string): Place | undefined => {
  const tree = treeOf(realPath(resolve(folder)));
  if (!tree) return undefined;
  const marker = readJson(join(tree.root, MARKER)) as { projectId?: unknown } | undefined;
  const projectId = marker?.projectId;
  if (typeof projectId !== 'string' || !UUID.test(projectId)) return undefined;
  // Written by `act join` alone, in this user's own folder.
  const project = readJson(joinedFile(home, projectId)) as JoinedProject | undefined;
  return project?.roots.includes(tree.root) ? { top: tree.top, project } : undefined;
};
