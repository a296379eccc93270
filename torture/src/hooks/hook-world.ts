import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { failOpensFile, joinedFile, MARKER, readFailOpens, watchersHere } from '@agentmix/act-agents';
import { actProgram } from '../processes/act-program.ts';
import { repositoryRoot } from '../processes/copy-tree.ts';
import { waitUntil } from '../scene.ts';
import type { Scene } from '../scene.ts';
import type { Stage } from '../processes/stage.ts';

export const FILE = 'shop.txt';
const TEXT = Array.from({ length: 30 }, (_, at) => `line ${at + 1}\n`).join('');

/** A session of a client, as its payloads tell it. */
export interface ClientSession {
  readonly session: string;
  readonly cwd: string;
}

export interface HookWorld {
  readonly repository: string;
  readonly worktree: string;
  /** Runs the real hook program, and answers what it wrote. */
  hook(who: ClientSession, moment: string, more?: object): Promise<string>;
  /** A hook before an edit of a line of the file. */
  edit(who: ClientSession, line: number): Promise<string>;
  /** How many hooks let their clients go on unchecked, and the hub has not been told of yet. */
  failOpens(): number;
  /** From now on a hook that begins a session has its working tree watched, as `act join` sets it up. */
  watchFromNow(): void;
  /** Processes that watch a working tree. */
  watchers(): readonly number[];
}

/** The program as it is installed, made of the sources of this tree. */
const bundleHook = (): string => {
  const root = repositoryRoot();
  execFileSync(process.execPath, ['scripts/bundle-hook.mjs'], {
    cwd: root,
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  const program = join(root, 'packages', 'agents', 'dist', 'act-hook.cjs');
  if (!existsSync(program)) throw new Error(`no hook program at ${program}`);
  return program;
};

const write = (file: string, text: string): void => {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
};

const makeRepository = (repository: string, worktree: string): void => {
  write(join(repository, FILE), TEXT);
  const git = (...words: string[]): unknown =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...words], {
      cwd: repository,
      stdio: 'ignore',
    });
  git('init', '-b', 'main');
  git('add', '.');
  git('commit', '-m', 'first');
  git('worktree', 'add', worktree);
};

/** A user's home and a repository with two worktrees, joined to the project of the scene. */
export const makeHookWorld = (stage: Stage, scene: Scene): HookWorld => {
  const { dir } = stage;
  const { hub, projectId } = scene;
  const program = bundleHook();
  const home = join(dir, 'home');
  const repository = join(dir, 'shop');
  const worktree = join(dir, 'shop-b');
  makeRepository(repository, worktree);
  write(join(repository, MARKER), JSON.stringify({ projectId }));
  const project = { projectId, name: 'shop', url: hub.url, key: hub.token, roots: [repository] };
  const keepJoined = (more: object): void =>
    write(joinedFile(home, projectId), JSON.stringify({ ...project, ...more }));
  keepJoined({});
  const hook: HookWorld['hook'] = async ({ session, cwd }, moment, more = {}) => {
    const child = spawn(process.execPath, [program, 'claude-code', moment], {
      env: { PATH: process.env['PATH'], HOME: home },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stdin.end(JSON.stringify({ session_id: session, cwd, ...more }));
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0) throw new Error(`the hook ended with ${code}`);
    return output;
  };
  return {
    repository,
    worktree,
    hook,
    edit: (who, line) =>
      hook(who, 'before-edit', {
        tool_name: 'Edit',
        tool_input: {
          file_path: join(who.cwd, FILE),
          old_string: `line ${line}\n`,
          new_string: `line ${line}, edited\n`,
        },
      }),
    failOpens: () => readFailOpens(failOpensFile(home, projectId)).length,
    watchFromNow() {
      keepJoined({ watch: [process.execPath, ...actProgram(scene).words] });
      // A watcher that is left goes with its client, which is this process.
      stage.onClose(async () => {
        for (const { pid } of watchersHere(home)) process.kill(pid, 'SIGTERM');
        await waitUntil(async () => watchersHere(home).length === 0, 5_000);
      });
    },
    watchers: () => watchersHere(home).map(({ pid }) => pid),
  };
};

/** The file as nobody has edited it: a hook only asks. */
export const isUntouched = (folder: string): boolean => readFileSync(join(folder, FILE), 'utf8') === TEXT;
