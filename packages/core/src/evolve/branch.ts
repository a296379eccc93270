import { MAIN_COMMITS_MAX } from '@agentmix/act-contract';
import type { EventData } from '@agentmix/act-contract';
import type { Changes } from '../changes.ts';
import type { ProjectState } from '../state.ts';

/** A commit counts once: the newest are remembered, however many workspaces report them. */
export const branchAdvanced = (
  { mainCommits }: ProjectState,
  { commit }: EventData<'branch.advanced'>,
  changes: Changes,
  _at: number,
  { seq }: { readonly seq: number },
): void => {
  mainCommits.add(commit);
  changes.mainCommits.set(commit, seq);
  changes.forgottenCommits.delete(commit);
  const [oldest = commit] = mainCommits;
  if (mainCommits.size <= MAIN_COMMITS_MAX) return;
  mainCommits.delete(oldest);
  changes.mainCommits.delete(oldest);
  changes.forgottenCommits.add(oldest);
};
