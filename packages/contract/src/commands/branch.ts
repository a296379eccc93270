import { z } from 'zod';
import { command } from '../define.ts';
import { COMMITS_MAX, MENTIONS_MAX, PATHS_MAX } from '../limits.ts';
import * as s from '../scalars.ts';

const MainCommit = z
  .object({
    commit: s.CommitId,
    paths: z.array(s.RelativePath).max(PATHS_MAX).default([]).meta({
      description: 'The files that it changed; none of a commit that changed more than can be told',
    }),
    mentions: z.array(s.Key).max(MENTIONS_MAX).default([]).meta({
      description: 'What its message says it does: keys or ids of tasks, issues such as #12',
    }),
  })
  .strict()
  .meta({ id: 'MainCommit' });
export type MainCommit = z.infer<typeof MainCommit>;

export const branchReport = command({
  name: 'branch.report',
  summary:
    'Report commits that came to the main branch, oldest first; tasks that they look to have done are flagged',
  route: { method: 'POST', path: '/projects/{projectId}/branch' },
  role: 'agent',
  input: z
    .object({
      sessionId: s.SessionId.optional(),
      branch: s.Name,
      commits: z.array(MainCommit).min(1).max(COMMITS_MAX),
    })
    .strict(),
  output: z.object({
    counted: z.int().meta({ description: 'Commits that nobody had reported before' }),
    settled: z.array(s.TaskId).meta({ description: 'Tasks that are now flagged as perhaps done' }),
  }),
  refusals: ['session_expired'],
});
