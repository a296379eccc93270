import type { QueryOutput } from '@agentmix/act-client';
import type { JoinedProject } from '@agentmix/act-agents';
import { GitFailed, isSameProject, makeGit, openRepository, readIdentity } from '@agentmix/act-workspace';
import type { ProjectIdentity } from '@agentmix/act-workspace';
import type { Surroundings } from '../cli/surroundings.ts';
import type { Connection } from '../connection/connect.ts';

/** Where a project keeps which repositories are its own, for machines that join later. */
const KEY = 'repositories';

/** What other machines are told of a repository: its folder on this one says nothing there. */
interface Told extends Record<string, string | string[]> {
  remotes: string[];
}

const toldOf = ({ root, remotes }: ProjectIdentity): Told => ({
  remotes: [...remotes],
  ...(root === undefined ? {} : { root }),
});

const isTold = (value: unknown): value is Told =>
  typeof value === 'object' &&
  value !== null &&
  'remotes' in value &&
  Array.isArray(value.remotes) &&
  (!('root' in value) || typeof value.root === 'string');

const asIdentity = ({ root, remotes }: Told): ProjectIdentity => ({
  commonFolder: '',
  remotes,
  ...(typeof root === 'string' ? { root } : {}),
});

/** By what a repository is known; undefined where git knows none here. */
export const identityOf = async (
  root: string,
  env: Surroundings['env'],
): Promise<ProjectIdentity | undefined> => {
  const git = makeGit({ env });
  try {
    return await readIdentity(git, await openRepository(git, root));
  } catch (error) {
    if (error instanceof GitFailed) return undefined;
    throw error;
  }
};

/** What a project's repositories were told to be; none for one that no repository has joined. */
export const repositoriesOf = async ({ hub }: Connection, projectId: string): Promise<readonly Told[]> => {
  const entry = await hub.query('state.get', projectId, { key: KEY });
  // Anybody who works in the project may write its state.
  const value: unknown = entry.ok ? entry.value.value : undefined;
  return Array.isArray(value) ? value.filter(isTold) : [];
};

/** Adds a repository to those of the project, unless it is there as it is. */
export const noteRepository = async (
  connection: Connection,
  projectId: string,
  identity: ProjectIdentity | undefined,
): Promise<void> => {
  if (!identity) return;
  const known = await repositoriesOf(connection, projectId);
  const told = toldOf(identity);
  if (known.some((one) => JSON.stringify(toldOf(asIdentity(one))) === JSON.stringify(told))) return;
  await connection.command('the repository was not noted', 'state.put', projectId, {
    key: KEY,
    value: [...known, told],
  });
};

/** The project that a clone on this machine has joined: here folders tell, too. */
export const joinedByClone = async (
  identity: ProjectIdentity,
  joined: readonly JoinedProject[],
  env: Surroundings['env'],
): Promise<JoinedProject | undefined> => {
  for (const project of joined)
    for (const root of project.roots) {
      const other = await identityOf(root, env);
      if (other && isSameProject(identity, other)) return project;
    }
  return undefined;
};

type Project = QueryOutput<'project.get'>;

/**
 * The project of a repository at the hub: the one that a clone of it has joined from anywhere; else one of its name
 * that no repository has joined yet, say of an imported plan. A name alone never makes two repositories one.
 */
export const projectAtHub = async (
  connection: Connection,
  identity: ProjectIdentity | undefined,
  projects: readonly Project[],
  named: readonly Project[],
): Promise<Project | undefined> => {
  const known = await Promise.all(
    projects.map(async (project) => ({ project, told: await repositoriesOf(connection, project.id) })),
  );
  const isIts = (told: Told): boolean => identity !== undefined && isSameProject(identity, asIdentity(told));
  const found = known.find(({ told }) => told.some(isIts));
  const free = known.filter(({ project, told }) => told.length === 0 && named.includes(project));
  return found?.project ?? (free.length === 1 ? free[0]?.project : undefined);
};
