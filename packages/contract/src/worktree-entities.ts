import { z } from 'zod';
import * as s from './scalars.ts';
import { LINE_MAX, MERGES_MAX, MERGE_PATHS_MAX, RANGES_MAX } from './limits.ts';

export const COLLISION_KINDS = [
  'content',
  'both_created',
  'deleted_and_changed',
  'moved_apart',
  'file_and_folder',
] as const;
export const WITHDRAWAL_REASONS = ['gone', 'session_over'] as const;

const line = z.int().min(0).max(LINE_MAX);
const hash = z.string().regex(/^[0-9a-f]{1,64}$/);
export const WorktreeKey = z
  .string()
  .regex(/^[A-Za-z0-9._:@-]{1,64}$/)
  .meta({ description: 'Names a worktree in its project; it says nothing of where that lies' });
export const TreeId = hash.meta({ description: 'Git’s hash of a tree or commit' });

/** A replaced region of a file: lines of the base, and the hash of what is there now. */
const Hunk = z
  .object({ start: line, length: line, newLength: line, hash: hash.optional() })
  .strict()
  .meta({ id: 'Hunk' });

/** What a worktree did to one file of its base. No text of the file is in it. */
export const WorktreeFile = z
  .object({
    path: s.RelativePath,
    status: z.enum(['created', 'modified', 'deleted']),
    movedTo: s.RelativePath.optional().meta({ description: '`path` is then its name in the base' }),
    baseChecksum: hash.optional(),
    checksum: hash.optional(),
    hunks: z
      .array(Hunk)
      .max(RANGES_MAX)
      .optional()
      .meta({ description: 'Absent where lines say nothing, such as in binary files' }),
  })
  .strict()
  .meta({ id: 'WorktreeFile' });
export type WorktreeFile = z.infer<typeof WorktreeFile>;

/** What git said of the merge with another worktree on the same machine. */
const ExactMerge = z
  .object({
    key: WorktreeKey,
    tree: TreeId.meta({ description: 'The other’s tree that was merged' }),
    paths: z.array(s.RelativePath).max(MERGE_PATHS_MAX).meta({ description: 'In conflict; none: clean' }),
  })
  .strict()
  .meta({ id: 'ExactMerge' });
export type ExactMerge = z.infer<typeof ExactMerge>;

export const Worktree = z
  .object({
    key: WorktreeKey,
    machine: s.Name.optional(),
    branch: s.Key.optional(),
    head: TreeId.optional(),
    base: TreeId.optional().meta({ description: 'What files are compared with' }),
    tree: TreeId.meta({ description: 'Everything in it: two reports with the same are of the same files' }),
  })
  .strict()
  .meta({ id: 'Worktree' });
export type Worktree = z.infer<typeof Worktree>;

export const worktreeReport = {
  worktree: Worktree,
  since: TreeId.optional().meta({
    description: 'Tree of the report that `files` and `gone` change; absent: `files` is all there is',
  }),
  merges: z.array(ExactMerge).max(MERGES_MAX),
  omitted: z.int().min(0).optional().meta({
    description: 'Changed files that the report has no room for; absent: none',
  }),
};

/** The cause of a prediction: two worktrees, in the order of their keys, and a path. */
export const predictedConflict = {
  worktrees: z.tuple([WorktreeKey, WorktreeKey]),
  agents: z.tuple([s.AgentId, s.AgentId]).meta({ description: 'Whose they are, in the same order' }),
  path: s.Path,
};
export const Prediction = z
  .object({
    ...predictedConflict,
    kind: z.enum(COLLISION_KINDS).optional().meta({ description: 'Absent where git itself merged them' }),
    seq: s.Seq.meta({ description: 'Of the event that told it' }),
    since: s.Timestamp,
  })
  .meta({ id: 'Prediction' });
export type Prediction = z.infer<typeof Prediction>;
