import { chmod, mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { findPlace, homeFolder, joinedFile } from '@agentmix/act-agents';
import type { JoinedProject } from '@agentmix/act-agents';

/** The project that a folder was joined to. */
export const joinedHere = (folder: string, home: string): JoinedProject | undefined =>
  findPlace(folder, home)?.project;

/** Keeps what the machine knows of a project, its key included, where only this user reads it. */
export const keepJoined = async (home: string, project: JoinedProject): Promise<void> => {
  const file = joinedFile(home, project.projectId);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await chmod(homeFolder(home), 0o700);
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, `${JSON.stringify(project, null, 2)}\n`, { mode: 0o600 });
  await rename(draft, file);
};

export const forgetJoined = (home: string, projectId: string): Promise<void> =>
  rm(joinedFile(home, projectId), { force: true });

/** What is kept of a project, whichever of its repositories is asked from. */
export const readJoined = async (home: string, projectId: string): Promise<JoinedProject | undefined> => {
  try {
    return JSON.parse(await readFile(joinedFile(home, projectId), 'utf8')) as JoinedProject;
  } catch {
    // Absent, or not ours: then it is made anew.
    return undefined;
  }
};

/** Every project that this user joined on this machine. */
export const allJoined = async (home: string): Promise<readonly JoinedProject[]> => {
  const names = await readdir(dirname(joinedFile(home, 'any'))).catch(() => []);
  const found = await Promise.all(
    names
      .filter((name) => name.endsWith('.json'))
      .map((name) => readJoined(home, name.slice(0, -'.json'.length))),
  );
  return found.filter((project) => project !== undefined);
};

/** Ledgers of what was written: of a client's files, and of a repository's marker. */
export const clientLedger = (home: string, client: string): string =>
  join(homeFolder(home), 'ledgers', `${client}.json`);
export const repositoryLedger = (home: string, projectId: string, root: string): string =>
  join(
    homeFolder(home),
    'ledgers',
    `${projectId}-${Buffer.from(root).toString('base64url').slice(-80)}.json`,
  );
