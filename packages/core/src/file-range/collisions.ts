import { collisionOf } from './collision.ts';
import type { CollisionKind, FileChange } from './collision.ts';

export interface Collision {
  readonly path: string;
  readonly kind: CollisionKind;
}

/** The files that a change leaves behind: where it was created, or moved to. */
const newPathOf = ({ path, status, movedTo }: FileChange): string | undefined =>
  movedTo ?? (status === 'created' ? path : undefined);

const foldersOf = (path: string): string[] => {
  const parts = path.split('/');
  return parts.slice(1).map((_, at) => parts.slice(0, at + 1).join('/'));
};

/** New files of one side that have the name of a folder in which the other side has new files. */
const onFolders = (files: readonly string[], others: readonly string[]): Collision[] => {
  const folders = new Set(others.flatMap(foldersOf));
  return files.filter((path) => folders.has(path)).map((path) => ({ path, kind: 'file_and_folder' }));
};

const newPathsOf = (changes: readonly FileChange[]): string[] =>
  changes.flatMap((change) => newPathOf(change) ?? []);

/** New files of both sides at one path that are not the same file of the base: add/add by way of a move. */
const inOnePlace = (ones: readonly FileChange[], others: readonly FileChange[]): Collision[] => {
  const there = new Map(others.map((other) => [newPathOf(other), other]));
  return ones.flatMap((one): Collision[] => {
    const path = newPathOf(one);
    const other = path === undefined ? undefined : there.get(path);
    return path === undefined ||
      other === undefined ||
      one.path === other.path ||
      (one.checksum !== undefined && one.checksum === other.checksum)
      ? []
      : [{ path, kind: 'both_created' }];
  });
};

/** Every path at which a merge of two worktrees would stop, in order of the paths. Each side has a path once. */
export const collisions = (ones: readonly FileChange[], others: readonly FileChange[]): Collision[] => {
  const there = new Map(others.map((other) => [other.path, other]));
  const found = ones.flatMap((one): Collision[] => {
    const other = there.get(one.path);
    const kind = other && collisionOf(one, other);
    return kind ? [{ path: one.path, kind }] : [];
  });
  const newOnes = newPathsOf(ones);
  const newOthers = newPathsOf(others);
  return [
    ...found,
    ...inOnePlace(ones, others),
    ...onFolders(newOnes, newOthers),
    ...onFolders(newOthers, newOnes),
  ].toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
};
