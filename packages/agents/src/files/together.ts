import type { FileChange } from './ledger.ts';

/** Two changes of one file; the ledger keeps one for each path. */
export const together = (one: FileChange, other: FileChange): FileChange => ({
  path: one.path,
  edit: (before) => other.edit(one.edit(before)),
  undo(now) {
    const rest = other.undo(now);
    return rest === undefined ? undefined : one.undo(rest);
  },
});
