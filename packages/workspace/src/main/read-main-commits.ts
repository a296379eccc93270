import { PATHS_MAX, RelativePath } from '@agentmix/act-contract';
import type { MainCommit } from '@agentmix/act-contract';
import { itemsOf } from '../git/git.ts';
import type { Git, GitCall } from '../git/git.ts';
import { readMainBranch } from '../git/main-branch.ts';
import type { MainBranch } from '../git/main-branch.ts';
import type { Repository } from '../git/repository.ts';
import { shownPath } from '../git/update-index.ts';
import { isRevert, mentionsOf } from './mentions.ts';

/** Commits that one call reads, the newest; after a longer absence the older ones are no news. */
const COMMITS_READ_MAX = 64;
const MERGED_READ_MAX = 100;

export interface MainProgress extends MainBranch {
  /** What came since, oldest first. */
  readonly commits: readonly MainCommit[];
}

interface Told {
  readonly commit: string;
  readonly parents: readonly string[];
  readonly message: string;
}

const utf8 = (text: string): string => Buffer.from(text, 'latin1').toString('utf8');

const readLog = async (git: Git, call: GitCall, since: string, tip: string): Promise<Told[]> => {
  const flags = ['-z', '--first-parent', '--reverse', `--max-count=${COMMITS_READ_MAX}`];
  const items = itemsOf(
    await git(['log', ...flags, '--format=tformat:%H%x00%P%x00%B', `${since}..${tip}`, '--'], call),
  );
  return Array.from({ length: items.length / 3 }, (_, at) => ({
    commit: items[3 * at] ?? '',
    parents: (items[3 * at + 1] ?? '').split(' ').filter((parent) => parent !== ''),
    message: utf8(items[3 * at + 2] ?? ''),
  }));
};

/** The message of a merge is seldom more than a branch’s name: what was merged says what it does. */
const messagesOf = async (git: Git, call: GitCall, { commit, parents, message }: Told): Promise<string[]> => {
  const [first, second] = parents;
  if (first === undefined || second === undefined) return [message];
  const range = [`${first}..${commit}`, '--'];
  const merged = await git(
    ['log', '-z', '--no-merges', `--max-count=${MERGED_READ_MAX}`, '--format=tformat:%B', ...range],
    call,
  );
  return [message, ...itemsOf(merged).map(utf8)];
};

/** A commit that changes more than can be told is a sweep over everything, and done no task by its paths. */
const pathsOf = async (git: Git, call: GitCall, { commit, parents }: Told): Promise<string[]> => {
  const [parent] = parents;
  const compared = parent === undefined ? ['--root', commit] : [parent, commit];
  const flags = ['-r', '-z', '--no-commit-id', '--name-only', '--no-renames'];
  const paths = itemsOf(await git(['diff-tree', ...flags, ...compared, '--'], call)).map(shownPath);
  return paths.length > PATHS_MAX ? [] : paths.filter((path) => RelativePath.safeParse(path).success);
};

const readCommit = async (git: Git, call: GitCall, told: Told): Promise<MainCommit> => {
  if (isRevert(told.message)) return { commit: told.commit, paths: [], mentions: [] };
  const [messages, paths] = await Promise.all([messagesOf(git, call, told), pathsOf(git, call, told)]);
  return { commit: told.commit, paths, mentions: mentionsOf(messages) };
};

/**
 * What came to the main branch since a commit: the first-parent commits, each with the files that it changed and what
 * its message names. Without `since`, or where that commit is gone, there is nothing to tell but where the branch is.
 * Undefined without a main branch. Throws GitFailed.
 */
export const readMainCommits = async (
  git: Git,
  repository: Repository,
  since: string | undefined,
  signal?: AbortSignal,
): Promise<MainProgress | undefined> => {
  const main = await readMainBranch(git, repository, signal);
  if (!main || main.commit === since) return main && { ...main, commits: [] };
  const call = { directory: repository.root, signal };
  const asked = ['rev-parse', '--verify', '--quiet', `${since}^{commit}`];
  const isKnown = since !== undefined && (await git(asked, { ...call, codes: [0, 1, 128] })).code === 0;
  const told = isKnown ? await readLog(git, call, since, main.commit) : [];
  const commits = await Promise.all(told.map((one) => readCommit(git, call, one)));
  return { ...main, commits };
};
