import { join } from 'node:path';
import { NOTE_CHARS_MAX } from '@agentmix/act-contract';
import type { Evidence } from '@agentmix/act-contract';
import type { Environment } from '../git/environment.ts';
import { GitFailed } from '../git/failure.ts';
import type { Git } from '../git/git.ts';
import { readMainBranch } from '../git/main-branch.ts';
import { readHead } from '../git/repository.ts';
import type { Repository } from '../git/repository.ts';
import { makeScratch } from '../git/scratch.ts';
import { checkOutMerged } from './merged-tree.ts';
import { runLimited } from './run-limited.ts';
import type { Ran } from './run-limited.ts';

const PATHS_SHOWN_MAX = 20;
const COMMIT_CHARS_SHOWN = 12;

/** What a check was run on, and how it ended. */
export interface CheckOfMerged {
  readonly commit: string;
  readonly branch?: string;
  readonly check: NonNullable<Evidence['checks']>[number] & { readonly detail: string };
}

export interface CheckOptions {
  readonly name: string;
  /** The program and its arguments; no shell reads them. */
  readonly command: readonly string[];
  readonly timeoutMs: number;
  /** What the command gets, but for git’s variables. */
  readonly env: Environment;
  readonly signal?: AbortSignal | undefined;
}

const short = (commit: string): string => commit.slice(0, COMMIT_CHARS_SHOWN);

const END_CHARS_MAX = 3_000;
const UNPAIRED = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

/** As much of it as a note of the contract can hold: how it begins, and its end, where the reason stands. */
const noteOf = (lines: readonly string[]): string => {
  const text = lines.join('\n').trimEnd();
  const begin = NOTE_CHARS_MAX - END_CHARS_MAX - 1;
  const fitting =
    text.length <= NOTE_CHARS_MAX ? text : `${text.slice(0, begin)}…${text.slice(-END_CHARS_MAX)}`;
  return fitting.replaceAll('\0', '').replaceAll(UNPAIRED, '\uFFFD');
};

const verdictOf = ({ outcome, code, signal }: Ran, timeoutMs: number): string => {
  switch (outcome) {
    case 'exited':
      return code === undefined ? `ended by ${signal}` : `exit code ${code}`;
    case 'timed_out':
      return `stopped after ${timeoutMs / 1_000} s`;
    case 'cancelled':
      return 'cancelled';
    case 'not_started':
      return 'the command could not be started';
  }
};

const conflictLines = (paths: readonly string[]): string[] => [
  'does not merge; in conflict:',
  ...paths.slice(0, PATHS_SHOWN_MAX),
  ...(paths.length > PATHS_SHOWN_MAX ? [`and ${paths.length - PATHS_SHOWN_MAX} more`] : []),
];

/** The environment of a command that must not be led to the user’s repository. */
const withoutGit = (env: Environment): Environment =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('GIT_')));

/**
 * Runs a command on what the main branch would be with this branch merged into it, in a scratch worktree that is gone
 * afterwards: what an agent’s branch passes alone, it may fail beside what others merged meanwhile. The user’s index,
 * files and objects stay untouched; what is not committed is not checked. A conflict is a failed check that names the
 * paths. Throws GitFailed where git cannot say.
 */
export const checkMerged = async (
  git: Git,
  repository: Repository,
  { name, command, timeoutMs, env, signal }: CheckOptions,
): Promise<CheckOfMerged> => {
  const head = await readHead(git, repository, signal);
  if (head.commit === undefined) throw new GitFailed('broken', 'there is no commit to check yet');
  const main = await readMainBranch(git, repository, signal);
  if (!main) throw new GitFailed('broken', 'there is no main branch to merge with');
  const what = `${short(head.commit)} merged with ${main.name} ${short(main.commit)}`;
  const checked = (passed: boolean, lines: readonly string[]): CheckOfMerged => ({
    commit: head.commit ?? '',
    ...(head.branch === undefined ? {} : { branch: head.branch }),
    check: { name, passed, detail: noteOf(lines) },
  });
  const scratch = await makeScratch();
  try {
    const directory = join(scratch.folder, 'merged');
    const merged = await checkOutMerged(git, repository, [main.commit, head.commit], directory, signal);
    if (!merged.isClean) {
      const [verdict = '', ...paths] = conflictLines(merged.paths);
      return checked(false, [`${what}: ${verdict}`, ...paths]);
    }
    const ran = await runLimited(command, { directory, env: withoutGit(env), timeoutMs, signal });
    const passed = ran.outcome === 'exited' && ran.code === 0;
    const verdict = `${what}: ${verdictOf(ran, timeoutMs)}`;
    return checked(passed, passed ? [verdict] : [verdict, ran.tail.trim()]);
  } finally {
    await scratch.close();
  }
};
