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

/** Changed files with what comparing them needs, so that it is made once for all that they are compared with. */
export interface ChangeSet {
  readonly byPath: ReadonlyMap<string, FileChange>;
  /** Changes that leave a new file behind, by where that lies. */
  readonly byNewPath: ReadonlyMap<string, FileChange>;
  /** Folders in which new files are. */
  readonly folders: ReadonlySet<string>;
}

export const changeSet = (changes: Iterable<FileChange>): ChangeSet => {
  const all = [...changes];
  const byNewPath = new Map(
    all.flatMap((change): [string, FileChange][] => {
      const path = newPathOf(change);
      return path === undefined ? [] : [[path, change]];
    }),
  );
  return {
    byPath: new Map(all.map((change) => [change.path, change])),
    byNewPath,
    folders: new Set([...byNewPath.keys()].flatMap(foldersOf)),
  };
};

/** Where a change can collide with others: at its file, at where it leaves one, and at the folders above that. */
export const placesOf = (change: FileChange): string[] => {
  const newPath = newPathOf(change);
  return newPath === undefined ? [change.path] : [change.path, newPath, ...foldersOf(newPath)];
};

/** Whether two new files at one path are the same file of the base, or the same text. */
const areOne = (one: FileChange, other: FileChange): boolean =>
  one.path === other.path || (one.checksum !== undefined && one.checksum === other.checksum);

/** Whether and why a merge of two worktrees would stop at this path. */
export const collisionAt = (path: string, ones: ChangeSet, others: ChangeSet): CollisionKind | undefined => {
  const [one, other] = [ones.byPath.get(path), others.byPath.get(path)];
  const kind = one && other && collisionOf(one, other);
  if (kind) return kind;
  const [newOne, newOther] = [ones.byNewPath.get(path), others.byNewPath.get(path)];
  if (newOne && newOther && !areOne(newOne, newOther)) return 'both_created';
  return (newOne && others.folders.has(path)) || (newOther && ones.folders.has(path))
    ? 'file_and_folder'
    : undefined;
};

/** All places of a worktree, each once. */
export const allPlaces = ({ byPath }: ChangeSet): string[] => [
  ...new Set([...byPath.values()].flatMap(placesOf)),
];

/** Every path at which a merge of two worktrees would stop, in order of the paths. */
export const collisions = (ones: ChangeSet, others: ChangeSet): Collision[] =>
  allPlaces(ones)
    .toSorted()
    .flatMap((path) => {
      const kind = collisionAt(path, ones, others);
      return kind ? [{ path, kind }] : [];
    });
