import { admit, bytesOf } from './admit.ts';
import type { LeftOut } from './admit.ts';
import { GitFailed } from './failure.ts';
import { lineOf, nulEnded } from './git.ts';
import type { Git, GitCall } from './git.ts';
import { indexChanges, untrackedFiles } from './index-changes.ts';
import { lfsPaths } from './lfs-paths.ts';
import type { Repository } from './repository.ts';
import { lfsPointer } from './lfs-pointer.ts';

export interface SnapshotLimits {
  /** A file with more bytes does not enter. */
  readonly fileBytesMax: number;
  /** More changed and new files than this, and there is no snapshot. */
  readonly filesMax: number;
}

/** One after the other, 10,000 files would take seconds. */
const ADMITTED_AT_ONCE = 256;
const isText = new TextDecoder('utf-8', { fatal: true });

/** How people and the wire see a path of bytes; one that is not UTF-8 is shown with replacement characters. */
export const shownPath = (path: string): string => Buffer.from(path, 'latin1').toString('utf8');

/** Whether a path can be written as text and read back as the same bytes. */
export const isTextPath = (path: string): boolean => {
  try {
    isText.decode(Buffer.from(path, 'latin1'));
    return true;
  } catch {
    return false;
  }
};

const removeFrom = async (
  git: Git,
  call: GitCall,
  paths: readonly string[],
  nullId: string,
): Promise<void> => {
  if (paths.length === 0) return;
  const input = nulEnded(paths.map((path) => `0 ${nullId}\t${path}`));
  await git(['update-index', '-z', '--index-info'], { ...call, input });
};

const putPointers = async (git: Git, call: GitCall, paths: ReadonlySet<string>): Promise<void> => {
  const entries: string[] = [];
  for (const path of paths) {
    const input = await lfsPointer(bytesOf(call.directory, path));
    const oid = lineOf(await git(['hash-object', '-w', '--stdin'], { ...call, input }));
    entries.push(`100644 ${oid}\t${path}`);
  }
  if (entries.length > 0)
    await git(['update-index', '-z', '--index-info'], { ...call, input: nulEnded(entries) });
};

/** Sorts paths by whether their files may enter; those that are gone are in none of the lists. */
const admitAll = async (
  root: string,
  paths: readonly string[],
  fileBytesMax: number,
): Promise<{ files: string[]; leftOut: (LeftOut & { bytes: string })[] }> => {
  const files: string[] = [];
  const leftOut: (LeftOut & { bytes: string })[] = [];
  for (let from = 0; from < paths.length; from += ADMITTED_AT_ONCE) {
    const some = paths.slice(from, from + ADMITTED_AT_ONCE);
    const admissions = await Promise.all(some.map((path) => admit(root, path, fileBytesMax)));
    for (const [at, admission] of admissions.entries()) {
      const path = some[at] as string;
      if (admission === 'file') files.push(path);
      else if (admission !== 'gone') leftOut.push({ path: shownPath(path), bytes: path, reason: admission });
    }
  }
  return { files, leftOut };
};

/**
 * Brings the private index to what lies on disk, and returns what was left out: such a file stays as the user’s
 * index has it. Files that are gone go first, so that one whose name changed in case only, or that made room for
 * a folder, is seen anew.
 */
export const updateIndex = async (
  git: Git,
  { root, objectFormat }: Repository,
  options: Pick<GitCall, 'env' | 'signal'>,
  limits: SnapshotLimits,
): Promise<LeftOut[]> => {
  const call = { directory: root, ...options };
  const nullId = '0'.repeat(objectFormat === 'sha256' ? 64 : 40);
  const { changed, gone, unmerged, covered } = await indexChanges(git, call);
  const known = await admitAll(root, changed, limits.fileBytesMax);
  const withoutVersion = known.leftOut.filter(({ bytes }) => unmerged.has(bytes)).map(({ bytes }) => bytes);
  await removeFrom(git, call, [...gone, ...withoutVersion], nullId);
  const untracked = await untrackedFiles(git, call);
  const count = changed.length + untracked.length;
  if (count > limits.filesMax)
    throw new GitFailed(
      'too_many_files',
      `${count} changed or new files; at most ${limits.filesMax} are compared`,
    );
  const fresh = await admitAll(root, untracked, limits.fileBytesMax);
  const files = [...known.files, ...fresh.files];
  const pointers = await lfsPaths(git, call, files);
  const contents = files.filter((path) => !pointers.has(path));
  if (contents.length > 0) {
    const flags = ['--add', '--remove', '--replace', '-z', '--stdin'];
    await git(['update-index', ...flags], { ...call, input: nulEnded(contents) });
  }
  await putPointers(git, call, pointers);
  const left = [...known.leftOut, ...fresh.leftOut].map(({ path, reason }) => ({ path, reason }));
  return [
    ...left,
    ...covered.map((path) => ({ path: shownPath(path), reason: 'other_repository' as const })),
  ];
};
