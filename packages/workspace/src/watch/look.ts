import { readBase } from '../git/base.ts';
import { GitFailed, settle } from '../git/failure.ts';
import type { Failure } from '../git/failure.ts';
import type { Git } from '../git/git.ts';
import type { Repository } from '../git/repository.ts';
import type { Scratch } from '../git/scratch.ts';
import type { Snapshot, TakeSnapshot } from '../git/snapshot.ts';
import { readChanges, readFileList } from '../changes/read-changes.ts';
import type { FileChange } from '../changes/file-change.ts';

/** What a worktree came to. */
export interface WorktreeReport {
  readonly snapshot: Snapshot;
  /** The commit, or empty tree, that `files` are counted from; see readBase. */
  readonly base: string;
  /** Everything that differs from the base, with hunks. */
  readonly files: readonly FileChange[];
  /** What changed since the report before, without hunks; nothing in the first one. */
  readonly changes: readonly FileChange[];
}

/** Takes a report; false when it did not arrive: then the next one holds its changes as well. */
export type Deliver = (report: WorktreeReport) => Promise<boolean>;

export interface LookOptions {
  readonly git: Git;
  readonly scratch: Scratch;
  readonly repository: Repository;
  readonly take: TakeSnapshot;
  readonly deliver: Deliver;
}

export interface Looked {
  readonly ok: true;
  /** Absent when nothing had changed. */
  readonly report?: WorktreeReport;
}

/**
 * Makes the step that compares a worktree with what was last delivered and delivers the difference. The comparison
 * is between trees, so that nothing depends on having seen every event or on every delivery having arrived.
 */
export const makeLook = ({ git, scratch, repository, take, deliver }: LookOptions) => {
  const call = { directory: repository.root, env: scratch.environmentFor(repository) };
  let delivered: { readonly tree: string; readonly base: string } | undefined;
  return (): Promise<Looked | Failure> =>
    settle(async () => {
      const snapshot = await take();
      if (!snapshot.ok) throw new GitFailed(snapshot.reason, snapshot.message);
      const { tree, head } = snapshot;
      const base = await readBase(git, repository, head);
      if (delivered?.tree === tree && delivered.base === base) return { ok: true };
      const report: WorktreeReport = {
        snapshot,
        base,
        files: await readChanges(git, call, base, tree),
        changes: delivered === undefined ? [] : await readFileList(git, call, delivered.tree, tree),
      };
      if (await deliver(report)) delivered = { tree, base };
      return { ok: true, report };
    });
};
