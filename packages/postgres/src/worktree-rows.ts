import { predictionSteps, worktreeImage } from '@agentmix/act-core';
import type { Commit } from '@agentmix/act-core';

/** Rows of worktrees and predictions, by the keys that act.write_worktrees knows. */
export const worktreeRows = ({ record, changes }: Commit): Record<string, unknown[]> => {
  const at = new Date(record.at).toISOString();
  const steps = predictionSteps(changes).map(({ type, seq, data }) => ({
    type,
    row: {
      project_id: record.projectId,
      one: data.worktrees[0],
      other: data.worktrees[1],
      one_agent_id: data.agents[0],
      other_agent_id: data.agents[1],
      path: data.path,
      kind: 'kind' in data ? data.kind : undefined,
      seq,
      since: at,
    },
  }));
  return {
    worktrees: [...changes.worktrees.values()].map(worktreeImage).map((worktree) => ({
      project_id: record.projectId,
      key: worktree.key,
      session_id: worktree.sessionId,
      agent_id: worktree.agentId,
      machine: worktree.machine,
      branch: worktree.branch,
      head: worktree.head,
      base: worktree.base,
      tree: worktree.tree,
      files: worktree.files,
      merges: worktree.merges,
      omitted: worktree.omitted,
      reported_at: new Date(worktree.reportedAt).toISOString(),
    })),
    worktrees_ended: [...changes.endedWorktrees],
    predictions: steps.filter(({ type }) => type === 'conflict.predicted').map(({ row }) => row),
    predictions_withdrawn: steps.filter(({ type }) => type === 'conflict.withdrawn').map(({ row }) => row),
  };
};
