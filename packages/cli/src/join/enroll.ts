import { randomUUID } from 'node:crypto';
import { connectHub } from '@agentmix/act-client';
import type { JoinedProject } from '@agentmix/act-agents';
import { Failure } from '../cli/failure.ts';
import type { Connection } from '../connection/connect.ts';
import type { ProjectIdentity } from '@agentmix/act-workspace';
import { listProjects, projectsNamed } from '../connection/find-project.ts';
import { projectAtHub } from './which-project.ts';

interface Found {
  readonly projectId: string;
  readonly name: string;
}

const createProject = async (connection: Connection, name: string): Promise<Found> => {
  const { projectId } = await connection.command('the project was not created', 'project.create', undefined, {
    name,
  });
  return { projectId, name };
};

/** The project of a repository, made with its name where there is none yet. */
export const projectOfRepository = async (
  connection: Connection,
  identity: ProjectIdentity | undefined,
  name: string,
): Promise<Found> => {
  const projects = (await listProjects(connection)).filter(({ status }) => status === 'active');
  const found = await projectAtHub(connection, identity, projects, projectsNamed(projects, name));
  return found ? { projectId: found.id, name: found.name } : createProject(connection, name);
};

/** The project that somebody named, made where there is none of that name. */
export const findOrCreateProject = async (connection: Connection, wanted: string): Promise<Found> => {
  const found = projectsNamed(await listProjects(connection), wanted);
  const [only] = found;
  if (found.length > 1)
    throw new Failure(`${found.length} projects are named ${wanted}`, {
      code: 'project_ambiguous',
      hint: `say which: act join --project ID\n${found.map(({ id }) => id).join('\n')}`,
    });
  return only ? { projectId: only.id, name: only.name } : createProject(connection, wanted);
};

/** Whether the key that is kept still opens the project at this hub. */
export const isKeyGood = async ({ url, key, projectId }: JoinedProject): Promise<boolean> => {
  const hub = connectHub({ url, token: key });
  try {
    return (await hub.query('agent.list', projectId, { limit: 1 })).ok;
  } finally {
    await hub.close();
  }
};

/**
 * Makes this machine a member with a key of its own: role agent, of this project alone. Its agents speak by the ids of
 * their sessions, so the member is a service and bound to no one agent.
 */
export const enroll = async (
  connection: Connection,
  { projectId, name }: Found,
  roots: readonly string[],
): Promise<JoinedProject> => {
  const memberId = randomUUID();
  await connection.command('this machine was not made a member', 'member.put', projectId, {
    memberId,
    kind: 'service',
    role: 'agent',
  });
  const made = await connection.command('no key was made', 'key.create', projectId, {
    memberId,
    label: 'act join',
  });
  if (made.key === undefined) throw new Failure('the hub answered no key', { code: 'internal' });
  return { projectId, name, url: connection.url, key: made.key, memberId, keyId: made.keyId, roots };
};
