import { execFile } from 'node:child_process';
import { basename, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { MARKER, realPath, treeOf } from '@agentmix/act-agents';
import { clientKinds, gitHooks, gitHooksAt, ownFile } from '@agentmix/act-agents/join';
import { withBlock, withoutBlock } from '@agentmix/act-agents/join';
import type { FileChange, GitHooks, Ledger, Setup } from '@agentmix/act-agents/join';
import { Failure } from '../cli/failure.ts';

/** A repository that agents work in. */
export interface Repository {
  /** Where its marker is: the top of its main working tree. */
  readonly root: string;
  /** What its project is called. */
  readonly name: string;
  /** Git's own list of what is ignored here alone; absent outside git. */
  readonly excludeFile?: string;
}

const BLOCK = { first: '# ACT Hub: act join put this here', last: '# ACT Hub: end' };

const gitPath = async (top: string, name: string): Promise<string | undefined> => {
  try {
    const { stdout } = await promisify(execFile)('git', ['-C', top, 'rev-parse', '--git-path', name]);
    return resolve(top, stdout.trim());
  } catch {
    // Not a repository of git, or a broken one: nothing of it is written to.
    return undefined;
  }
};

/** The repository around a folder. Throws a Failure where there is none. */
export const findRepository = async (folder: string): Promise<Repository> => {
  const tree = treeOf(realPath(resolve(folder)));
  if (!tree)
    throw new Failure(`${folder} is in no repository`, {
      code: 'no_repository',
      hint: 'go to the repository that the agents work in, or make one: git init',
    });
  const excludeFile = await gitPath(tree.root, join('info', 'exclude'));
  return {
    root: tree.root,
    name: basename(tree.root) || 'project',
    ...(excludeFile === undefined ? {} : { excludeFile }),
  };
};

/** The marker, and the line that keeps it out of everybody's commits without touching a tracked file. */
const markerFiles = (
  { root, excludeFile }: Repository,
  project: { projectId: string; name: string },
): readonly FileChange[] => [
  ...(excludeFile === undefined
    ? []
    : [
        {
          path: excludeFile,
          edit: (before: string | undefined) => withBlock(before, BLOCK, ['/.act/']),
          undo: (now: string) => withoutBlock(now, BLOCK),
        },
      ]),
  ownFile(join(root, MARKER), `${JSON.stringify(project, null, 2)}\n`),
];

type Named = Parameters<typeof markerFiles>[1];

/** What every joined repository gets: its marker, and the hooks of git that check commits and end reservations. */
export const repositoryFiles = (repository: Repository, project: Named, setup: Setup): GitHooks => {
  const { files, remarks } = gitHooks(setup);
  return { files: [...markerFiles(repository, project), ...files], remarks };
};

/** How everything that a repository’s ledger lists is taken back, also what git would look for elsewhere by now. */
export const repositoryUndo = (
  repository: Repository,
  project: Named,
  setup: Setup,
  { paths }: Ledger,
): readonly FileChange[] => [
  ...markerFiles(repository, project),
  ...gitHooksAt(setup, paths),
  ...clientKinds.flatMap((kind) => (kind.perRepository ? kind.files(setup) : [])),
];
