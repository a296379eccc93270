import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const PERSON = [
  '-c',
  'user.name=Ann',
  '-c',
  'user.email=ann@example.org',
  '-c',
  'protocol.file.allow=always',
];

/** Runs git as its user would, with nothing of the user’s own settings. */
export const gitAs = (
  directory: string,
  args: readonly string[],
  { input, env = {} }: { input?: string; env?: Readonly<Record<string, string>> } = {},
): string =>
  execFileSync('git', [...PERSON, ...args], {
    cwd: directory,
    encoding: 'utf8',
    input,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      HOME: directory,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_AUTHOR_DATE: '2026-01-01T00:00:00Z',
      GIT_COMMITTER_DATE: '2026-01-01T00:00:00Z',
      ...env,
    },
  }).trimEnd();

export interface TemporaryRepository {
  readonly root: string;
  readonly git: (...args: string[]) => string;
  readonly write: (path: string, text: string) => void;
  readonly remove: (path: string) => void;
  readonly commit: (message?: string) => string;
  /** Another worktree of it, on a new branch. */
  readonly worktree: (branch: string, from?: string) => TemporaryRepository;
  readonly delete: () => void;
}

const at = (root: string): TemporaryRepository => ({
  root,
  git: (...args) => gitAs(root, args),
  write(path, text) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  },
  remove: (path) => rmSync(join(root, path), { recursive: true }),
  commit(message = 'work') {
    gitAs(root, ['add', '--all']);
    gitAs(root, ['commit', '--quiet', '--allow-empty', '-m', message]);
    return gitAs(root, ['rev-parse', 'HEAD']);
  },
  worktree(branch, from = 'HEAD') {
    const folder = `${root}-${branch}`;
    gitAs(root, ['worktree', 'add', '--quiet', '-b', branch, folder, from]);
    return at(folder);
  },
  delete: () => rmSync(dirname(root), { recursive: true, force: true }),
});

/** An empty repository in a folder of its own; worktrees go beside it. */
export const temporaryRepository = (...initFlags: string[]): TemporaryRepository => {
  const root = join(mkdtempSync(join(tmpdir(), 'act-test-')), 'repository');
  mkdirSync(root);
  gitAs(root, ['init', '--quiet', '-b', 'main', ...initFlags]);
  return at(root);
};

/** Another clone of a repository, beside it. */
export const cloneOf = (
  repository: TemporaryRepository,
  name: string,
  ...flags: string[]
): TemporaryRepository => {
  const folder = join(dirname(repository.root), name);
  gitAs(dirname(repository.root), ['clone', '--quiet', ...flags, `file://${repository.root}`, folder]);
  return at(folder);
};

/** Every file below a folder with the hash of its content, or what else it is. */
export const bytesBelow = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .toSorted()
      .map((path) => {
        const file = join(folder, path);
        const stat = lstatSync(file);
        if (stat.isSymbolicLink()) return [path, `-> ${readlinkSync(file)}`];
        if (!stat.isFile()) return [path, `mode ${stat.mode}`];
        const content = createHash('sha256').update(readFileSync(file)).digest('hex');
        return [path, `${stat.mode} ${stat.mtimeMs} ${content}`];
      }),
  );
