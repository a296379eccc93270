import type { QueryOutput } from '@agentmix/act-client';
import { PAGE_ITEMS_MAX } from '@agentmix/act-contract';
import type { OptionDefinitions, Values } from '../cli/command.ts';
import { Failure } from '../cli/failure.ts';
import type { Surroundings } from '../cli/surroundings.ts';
import { printable } from '../terminal/printable.ts';
import { connect, hubOptions } from './connect.ts';
import type { Connection } from './connect.ts';

export type Project = QueryOutput<'project.get'>;

export const projectOptions = {
  project: {
    type: 'string',
    hint: 'NAME|ID',
    summary: 'the project (else ACT_PROJECT, the one joined here, or the only one)',
  },
  ...hubOptions,
} as const satisfies OptionDefinitions;

export type ProjectValues = Values<typeof projectOptions>;

const NAMED_MAX = 12;

/** All projects, a page at a time. */
export const listProjects = async (connection: Connection): Promise<Project[]> => {
  const projects: Project[] = [];
  let after: string | undefined;
  do {
    const page: QueryOutput<'project.list'> = await connection.query(
      'the projects',
      'project.list',
      undefined,
      {
        limit: PAGE_ITEMS_MAX,
        ...(after === undefined ? {} : { after }),
      },
    );
    projects.push(...page.items);
    after = page.next;
  } while (after !== undefined);
  return projects;
};

const listText = (projects: readonly Project[]): string =>
  [
    ...projects.slice(0, NAMED_MAX).map(({ id, name }) => `${id}  ${printable(name)}`),
    ...(projects.length > NAMED_MAX ? [`… and ${projects.length - NAMED_MAX} more: act project list`] : []),
  ].join('\n');

/** The projects that a name or an id speaks of: archived ones only when no other has the name. */
export const projectsNamed = (projects: readonly Project[], wanted: string): Project[] => {
  const byId = projects.filter(({ id }) => id === wanted.toLowerCase());
  if (byId.length > 0) return byId;
  const named = projects.filter(({ name }) => name === wanted);
  const active = named.filter(({ status }) => status === 'active');
  return active.length > 0 ? active : named;
};

const chooseProject = (projects: readonly Project[], wanted: string | undefined): Project => {
  const active = projects.filter(({ status }) => status === 'active');
  const found = wanted === undefined ? active : projectsNamed(projects, wanted);
  const [only] = found;
  if (only && found.length === 1) return only;
  if (wanted !== undefined && found.length > 1)
    throw new Failure(`${found.length} projects are named ${wanted}`, {
      code: 'project_ambiguous',
      hint: `give the id:\n${listText(found)}`,
    });
  if (wanted !== undefined)
    throw new Failure(`there is no project ${wanted}`, {
      code: 'project_not_found',
      hint: active.length === 0 ? 'create it: act project create NAME' : `there are:\n${listText(active)}`,
    });
  if (active.length === 0)
    throw new Failure('there is no project yet', {
      code: 'project_not_found',
      hint: 'create one: act project create NAME, or act plan import FILE',
    });
  throw new Failure(`there are ${active.length} projects: say which`, {
    code: 'project_ambiguous',
    hint: `with --project or ACT_PROJECT:\n${listText(active)}`,
  });
};

export interface ProjectConnection extends Connection {
  readonly project: Project;
}

/** Connects, and finds the project meant. */
export const connectProject = async (
  values: ProjectValues,
  surroundings: Surroundings,
): Promise<ProjectConnection> => {
  const connection = await connect(values, surroundings);
  const wanted = values.project ?? (surroundings.env['ACT_PROJECT'] || connection.joined?.projectId);
  return { ...connection, project: chooseProject(await listProjects(connection), wanted) };
};
