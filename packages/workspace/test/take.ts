import { tmpdir } from 'node:os';
import { makeGit, makeScratch, makeSnapshots, openRepository } from '../src/index.ts';
import type { Git, Repository, Scratch, Snapshot, TakeSnapshot } from '../src/index.ts';
import { gitAs } from './temporary-repository.ts';

const env = { PATH: process.env['PATH'], HOME: tmpdir() };
export const testGit: Git = makeGit({ env });

export interface TestOptions {
  readonly fileBytesMax?: number;
  readonly timeoutMs?: number;
}

export interface Taken {
  readonly repository: Repository;
  readonly scratch: Scratch;
  readonly take: TakeSnapshot;
  /** Takes a snapshot that must succeed. */
  readonly snapshot: () => Promise<Snapshot>;
  /** The files of a tree by path with their modes. */
  readonly filesOf: (tree: string) => Record<string, string>;
  readonly contentOf: (tree: string, path: string) => string;
}

/** Opens a repository for snapshots as the workspace does. */
export const openForTest = async (
  root: string,
  { timeoutMs, ...limits }: TestOptions = {},
): Promise<Taken> => {
  const repository = await openRepository(testGit, root);
  const scratch = await makeScratch();
  const git = timeoutMs === undefined ? testGit : makeGit({ env, timeoutMs });
  const take = makeSnapshots(repository, { git, scratch, limits });
  const paths = scratch.environmentFor(repository);
  const read = (...args: string[]): string => gitAs(root, args, { env: paths });
  return {
    repository,
    scratch,
    take,
    async snapshot() {
      const taken = await take();
      if (!taken.ok) throw new Error(`${taken.reason}: ${taken.message}`);
      return taken;
    },
    filesOf: (tree) =>
      Object.fromEntries(
        read('ls-tree', '-r', '-z', tree)
          .split('\0')
          .filter((line) => line !== '')
          .map((line) => [line.slice(line.indexOf('\t') + 1), line.slice(0, 6)]),
      ),
    contentOf: (tree, path) => read('cat-file', 'blob', `${tree}:${path}`),
  };
};
