import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MARKER, joinedFile } from '@agentmix/act-agents';
import { readHookProgram } from '@agentmix/act-agents/join';
import type { JoinedProject } from '@agentmix/act-agents';
import { importedCommit } from '../conflicts/temporary-project.ts';
import type { TemporaryProject } from '../conflicts/temporary-project.ts';
import { HubCaller } from '../load/hub-caller.ts';
import type { LaunchedHub } from '../load/launch-hub.ts';

export const LINES = 200;
const LINES_TEXT = Array.from({ length: LINES }, (_, line) => `line ${line + 1} of the file`);
export const pathOf = (at: number): string => `src/part-${at % 10}/file-${at}.ts`;

/** What a hook finds on its user's machine: a joined repository with a linked worktree, and the program itself. */
export interface HookWorld {
  readonly home: string;
  readonly worktree: string;
  readonly program: string;
}

/** A worktree of so many files, each of which differs from the last commit. */
const makeWorktree = async ({ git, root, folder }: TemporaryProject, files: number): Promise<string> => {
  const tree = new Map(Array.from({ length: files }, (_, at) => [pathOf(at), LINES_TEXT]));
  await git(['fast-import', '--quiet'], { directory: root, input: importedCommit('main', tree) });
  await git(['reset', '--hard', '--quiet'], { directory: root });
  const worktree = join(folder, 'worktree');
  await git(['worktree', 'add', '--quiet', worktree], { directory: root });
  const edited = [...LINES_TEXT.slice(0, 20), 'a new line', ...LINES_TEXT.slice(20)].join('\n');
  for (let at = 0; at < files; at++) await writeFile(join(worktree, pathOf(at)), `${edited}\n`);
  return worktree;
};

/** A member with a key, as `act join` makes them: a service with the role agent, of this project alone. */
const enroll = async (hub: LaunchedHub, projectId: string) => {
  const caller = await HubCaller.open(hub);
  const memberId = randomUUID();
  await caller.command('member.put', projectId, { memberId, kind: 'service', role: 'agent' });
  const { key = '', keyId } = await caller.command('key.create', projectId, { memberId, label: 'act join' });
  caller.close();
  return { memberId, key, keyId };
};

/** Joins the repository to the project as `act join` does. */
export async function makeHookWorld(
  temporary: TemporaryProject,
  hub: LaunchedHub,
  projectId: string,
  files: number,
): Promise<HookWorld> {
  const { root, folder } = temporary;
  const worktree = await makeWorktree(temporary, files);
  const home = join(folder, 'home');
  const project: JoinedProject = {
    projectId,
    name: 'bench',
    url: hub.url,
    ...(await enroll(hub, projectId)),
    roots: [root],
  };
  const program = join(home, 'act-hook.cjs');
  for (const [file, text] of [
    [join(root, MARKER), JSON.stringify({ projectId })],
    [joinedFile(home, projectId), JSON.stringify(project)],
    [program, await readHookProgram()],
  ] as const) {
    await mkdir(join(file, '..'), { recursive: true });
    await writeFile(file, text);
  }
  return { home, worktree, program };
}
