import type { QueryOutput } from '@agentmix/act-client';
import { HUB_PROJECT_ID, MemberId } from '@agentmix/act-contract';
import { Failure, usageFailure } from '../../cli/failure.ts';
import type { Surroundings } from '../../cli/surroundings.ts';
import { connect, valueOf } from '../../connection/connect.ts';
import type { Connection } from '../../connection/connect.ts';
import { connectProject, listProjects } from '../../connection/find-project.ts';
import type { ProjectValues } from '../../connection/find-project.ts';

export type Told = QueryOutput<'privacy.export'>;

/** A member in one of the projects that know it. */
export interface Subject {
  readonly connection: Connection;
  readonly projectId: string;
  readonly first: Told;
}

/** What a project keeps of a member, a page of its messages; undefined where it does not know it, or may not be asked. */
const ask = async (
  { hub }: Connection,
  projectId: string,
  memberId: string,
  isOnly: boolean,
): Promise<Told | undefined> => {
  const asked = await hub.query('privacy.export', projectId, { memberId });
  if (asked.ok) return asked.value;
  const { code } = asked.refusal;
  const isElsewhere = code === 'member_not_found' || code === 'project_not_found' || code === 'forbidden';
  return isElsewhere && !isOnly ? undefined : valueOf(`member ${memberId}`, asked);
};

/** The member in the project named, or else in every one that the key reaches, the hub’s own included. */
export const findSubject = async (
  memberId: string,
  values: ProjectValues,
  surroundings: Surroundings,
): Promise<Subject[]> => {
  if (!MemberId.safeParse(memberId).success)
    throw usageFailure(`${JSON.stringify(memberId)} is no member’s id`, 'it is a UUID');
  if (values.project !== undefined) {
    const connection = await connectProject(values, surroundings);
    const { id } = connection.project;
    const first = await ask(connection, id, memberId, true);
    return first ? [{ connection, projectId: id, first }] : [];
  }
  const connection = await connect(values, surroundings);
  const ids = [...(await listProjects(connection)).map(({ id }) => id), HUB_PROJECT_ID];
  const found: Subject[] = [];
  for (const projectId of ids) {
    const first = await ask(connection, projectId, memberId, false);
    if (first) found.push({ connection, projectId, first });
  }
  if (found.length === 0)
    throw new Failure(`no project that this key administers knows the member ${memberId}`, {
      code: 'member_not_found',
    });
  return found;
};
