/** One line of `git diff-tree --raw -z`. Paths are in bytes, see itemsOf. */
export interface RawChange {
  readonly status: string;
  readonly oldMode: string;
  readonly newMode: string;
  readonly oldId: string;
  readonly newId: string;
  readonly path: string;
  /** Where a moved file lies now. */
  readonly movedTo?: string;
}

/** Reads the list; a moved file has two paths. */
export const parseRaw = (items: readonly string[]): RawChange[] => {
  const changes: RawChange[] = [];
  for (let at = 0; at + 1 < items.length; at += 2) {
    const [oldMode = '', newMode = '', oldId = '', newId = '', status = ''] = (items[at] as string)
      .slice(1)
      .split(' ');
    const isMoved = status.startsWith('R');
    const path = items[at + 1] as string;
    if (isMoved) at++;
    const movedTo = isMoved ? { movedTo: items[at + 1] as string } : {};
    changes.push({ status: status.slice(0, 1), oldMode, newMode, oldId, newId, path, ...movedTo });
  }
  return changes;
};
