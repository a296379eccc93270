import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { connectHub } from '@agentmix/act-client';
import type { Hub, QueryOutput } from '@agentmix/act-client';
import { endWatchers } from '../src/join/end-watchers.ts';
import { actCommand, jsonOf, makeFolder, startAct } from './run-act.ts';
import type { Ended } from './run-act.ts';
import { freePort, git, makeRepository } from './repository.ts';

const LINES = Array.from({ length: 30 }, (_, at) => `line ${at + 1}`);
/** The file that agents edit in tests: thirty lines. */
export const FILE = 'src/shop.txt';
export const TEXT = `${LINES.join('\n')}\n`;

type History = QueryOutput<'event.list'>['items'];

/** A user's home, a repository with two worktrees, and a hub that runs once something has joined. */
export interface JoinedWorld {
  readonly folder: string;
  readonly home: string;
  /** The main worktree and a second one. */
  readonly repository: string;
  readonly worktree: string;
  /** What a program of that user is started with. */
  readonly env: Readonly<Record<string, string>>;
  readonly act: (cwd: string, ...words: string[]) => Promise<Ended>;
  readonly actJson: (cwd: string, ...words: string[]) => Promise<Record<string, unknown>>;
  /** The same with another environment. */
  readonly actAs: (
    env: JoinedWorld['env'],
    cwd: string,
    ...words: string[]
  ) => Promise<Record<string, unknown>>;
  readonly hub: () => Promise<{ hub: Hub; projectId: string }>;
  readonly history: () => Promise<History>;
  readonly stopHub: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** `hubEnv`: what the hub is told besides. */
export const makeJoinedWorld = async (hubEnv: JoinedWorld['env'] = {}): Promise<JoinedWorld> => {
  const folder = await makeFolder();
  const home = join(folder, 'home');
  const bin = join(folder, 'bin');
  const dataDir = join(folder, 'hub');
  await mkdir(home);
  await mkdir(bin);
  const command = actCommand().map((word) => `'${word}'`);
  await writeFile(join(bin, 'act'), `#!/bin/sh\nexec ${command.join(' ')} "$@"\n`, { mode: 0o755 });
  const repository = await makeRepository(join(folder, 'shop'), { [FILE]: TEXT });
  const worktree = join(folder, 'shop-b');
  await git(repository, 'worktree', 'add', worktree);
  const url = `http://127.0.0.1:${await freePort()}`;
  const env = {
    PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}`,
    HOME: home,
    ACT_URL: url,
    ACT_DATA_DIR: dataDir,
    ...hubEnv,
  };
  let hubPid: unknown;
  const act = (cwd: string, ...words: string[]): Promise<Ended> => startAct(words, env, cwd).ended;
  const actJson = async (cwd: string, ...words: string[]): Promise<Record<string, unknown>> => {
    const told = jsonOf(await act(cwd, ...words, '--json'));
    hubPid = told['hubPid'] ?? hubPid;
    return told;
  };
  const stopHub = async (): Promise<void> => {
    if (typeof hubPid !== 'number') return;
    process.kill(hubPid, 'SIGTERM');
    while (isAlive(hubPid)) await new Promise((resolve) => setTimeout(resolve, 50));
    hubPid = undefined;
  };
  const hub = async () => {
    const token = (await readFile(join(dataDir, 'admin.key'), 'utf8')).trim();
    const marker = JSON.parse(await readFile(join(repository, '.act', 'project.json'), 'utf8')) as {
      projectId: string;
    };
    return { hub: connectHub({ url, token }), projectId: marker.projectId };
  };
  return {
    folder,
    home,
    repository,
    worktree,
    env,
    act,
    actJson,
    actAs: async (other, cwd, ...words) => jsonOf(await startAct([...words, '--json'], other, cwd).ended),
    hub,
    async history() {
      const connected = await hub();
      const page = await connected.hub.query('event.list', connected.projectId, { limit: 500 });
      await connected.hub.close();
      return page.ok ? page.value.items : [];
    },
    stopHub,
    async stop() {
      await endWatchers(home, repository);
      await stopHub();
      await rm(folder, { recursive: true, force: true });
    },
  };
};
