import { z } from 'zod';
import { command } from '../define.ts';
import { WORKTREE_FILES_MAX } from '../limits.ts';
import * as s from '../scalars.ts';
import { WorktreeFile, worktreeReport } from '../worktree-entities.ts';

export const reportWorktree = command({
  name: 'worktree.report',
  summary:
    'Tell what a worktree came to, in line numbers and hashes: the hub predicts conflicts with other agents’ worktrees',
  route: { method: 'POST', path: '/projects/{projectId}/worktrees' },
  role: 'agent',
  input: z
    .object({
      sessionId: s.SessionId,
      ...worktreeReport,
      files: z.array(WorktreeFile).max(WORKTREE_FILES_MAX),
      gone: z
        .array(s.RelativePath)
        .max(WORKTREE_FILES_MAX)
        .default([])
        .meta({ description: 'Files that are as in the base again, or omitted now' }),
      merges: worktreeReport.merges.default([]),
    })
    .strict(),
  output: z.object({
    predicted: z.int().meta({ description: 'Conflicts that this report brought' }),
    withdrawn: z.int().meta({ description: 'Conflicts that it ended' }),
  }),
  refusals: ['session_expired', 'worktree_not_yours', 'report_out_of_step', 'limit_reached'],
});
