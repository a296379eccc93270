import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Runs git as nobody in particular. */
export const git = async (cwd: string, ...words: string[]): Promise<string> => {
  const who = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', '-c', 'commit.gpgsign=false'];
  const { stdout } = await run('git', [...who, ...words], { cwd });
  return stdout;
};

/** A repository with these files committed. */
export const makeRepository = async (
  folder: string,
  files: Readonly<Record<string, string>>,
): Promise<string> => {
  await mkdir(folder, { recursive: true });
  await git(folder, 'init', '--initial-branch=main');
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  await git(folder, 'add', '.');
  await git(folder, 'commit', '--message', 'first');
  return folder;
};

/** A repository `main` with one file, and beside it a worktree for each of two agents, `ada` and `bob`. */
export const makeTwoWorktrees = async (folder: string): Promise<void> => {
  const repository = await makeRepository(join(folder, 'main'), { 'a.txt': '1\n2\n3\n' });
  for (const name of ['ada', 'bob'])
    await git(repository, 'worktree', 'add', '--quiet', '-b', name, join('..', name));
};

/** A port that nobody listens on now. */
export const freePort = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
};
