import { z } from 'zod';
import { CHECKS_MAX, PATHS_MAX } from './limits.ts';
import * as s from './scalars.ts';

/** What a completion must show; an agent’s word that something passed is a word with a name on it. */
export const EvidenceRule = z
  .object({
    commit: z.boolean().default(false).meta({ description: 'A completion names the commit of its work' }),
    checks: z
      .array(s.Name)
      .max(CHECKS_MAX)
      .default([])
      .meta({ description: 'Checks that a completion shows as passed' }),
  })
  .strict()
  .meta({ id: 'EvidenceRule' });
export type EvidenceRule = z.infer<typeof EvidenceRule>;

const commit = z.string().regex(/^[0-9a-f]{7,64}$/);

/** What a completion shows for itself. */
export const Evidence = z
  .object({
    branch: s.Name.optional(),
    commit: commit.optional(),
    checks: z
      .array(z.object({ name: s.Name, passed: z.boolean(), detail: s.Note.optional() }).strict())
      .max(CHECKS_MAX)
      .optional(),
  })
  .strict()
  .meta({ id: 'Evidence' });
export type Evidence = z.infer<typeof Evidence>;

/** Where the next holder can go on. */
export const Checkpoint = z
  .object({
    note: s.Note.optional(),
    paths: z.array(s.Path).max(PATHS_MAX).optional(),
    branch: s.Name.optional(),
    commit: commit.optional(),
  })
  .strict()
  .meta({ id: 'Checkpoint' });
export type Checkpoint = z.infer<typeof Checkpoint>;

export const SETTLED_BY = ['mention', 'paths'] as const;
/** A commit of the main branch that looks as if it had done an open task already. */
export const Settled = z
  .object({
    commit: s.CommitId,
    by: z.enum(SETTLED_BY).meta({
      description: 'mention: its message names the task; paths: it changed every path that the task names',
    }),
  })
  .meta({ id: 'Settled' });
export type Settled = z.infer<typeof Settled>;
