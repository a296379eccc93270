import { HUB_PROJECT_ID, ROLES } from '@agentmix/act-contract';
import type { Role } from '@agentmix/act-contract';
import type { OptionDefinitions, Values } from '../cli/command.ts';
import { usageFailure } from '../cli/failure.ts';
import type { Surroundings } from '../cli/surroundings.ts';
import { connect } from '../connection/connect.ts';
import type { Connection } from '../connection/connect.ts';
import { connectProject, projectOptions } from '../connection/find-project.ts';

/** Whose members are meant: a project’s, or the hub’s own, who are its owners and in no list of projects. */
export const accessOptions = {
  hub: { type: 'boolean', summary: 'the hub’s own members, its owners, instead of a project’s' },
  ...projectOptions,
} as const satisfies OptionDefinitions;

export interface AccessConnection extends Connection {
  readonly projectId: string;
}

export const connectAccess = async (
  values: Values<typeof accessOptions>,
  surroundings: Surroundings,
): Promise<AccessConnection> => {
  if (values.hub && values.project !== undefined)
    throw usageFailure('--hub and --project exclude one another');
  if (values.hub) return { ...(await connect(values, surroundings)), projectId: HUB_PROJECT_ID };
  const { project, ...connection } = await connectProject(values, surroundings);
  return { ...connection, projectId: project.id };
};

/** One of several words given as an option. */
export const oneOf = <T extends string>(
  text: string | undefined,
  name: string,
  words: readonly T[],
): T | undefined => {
  if (text === undefined) return undefined;
  const found = words.find((word) => word === text);
  if (found === undefined) throw usageFailure(`--${name} is one of ${words.join(', ')}`);
  return found;
};

export const roleOption = (text: string | undefined): Role | undefined => oneOf(text, 'role', ROLES);
