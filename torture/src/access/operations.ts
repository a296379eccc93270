import { commands, queries } from '@agentmix/act-contract';
import type { Role } from '@agentmix/act-contract';
import {
  queryNames,
  routedCommands,
  strangersOf,
  validCommands,
  validQueries,
} from '@agentmix/act-testing/calls';
import type { World } from '@agentmix/act-testing/calls';

/** A row of the table with the input of a call that succeeds in a world. */
export interface Operation {
  readonly kind: 'command' | 'query';
  readonly name: string;
  readonly role: Role;
  readonly input: (world: World) => Readonly<Record<string, unknown>>;
}

const roleOf = (name: string, role: Role | undefined): Role => {
  if (!role) throw new Error(`${name} has no role`);
  return role;
};

/** Every row of the table that a door offers. */
export const operations: readonly Operation[] = [
  ...routedCommands.map((name): Operation => {
    const role = roleOf(name, commands[name].role);
    return { kind: 'command', name, role, input: (world) => ({ ...validCommands[name](world) }) };
  }),
  ...queryNames.map((name): Operation => {
    const { role } = queries[name];
    return { kind: 'query', name, role, input: (world) => ({ ...validQueries[name](world) }) };
  }),
];

/** Rows that are about no single project. */
export const isOfHub = ({ name }: Operation): boolean => name === 'project.create' || name === 'project.list';

/** Whether a call names things by id in its body, its path or its filter, besides the project. */
export const hasIds = ({ input }: Operation, world: World): boolean =>
  JSON.stringify(input(world)) !== JSON.stringify(input(strangersOf(world)));

/** Whether a call speaks as an agent, or reads what only the agent may. */
export const speaks = ({ kind, name, input }: Operation, world: World): boolean => {
  const fields = input(world);
  if (kind === 'query') return name === 'message.list' || name === 'agent.briefing';
  return 'sessionId' in fields || ('agentId' in fields && !('memberId' in fields));
};

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly operationId?: string }>>>>;
}
/** As the document of the API writes a name of the table. */
const idOf = (name: string): string =>
  name.replaceAll(/[._](\w)/g, (_match, letter: string) => letter.toUpperCase());

/** What the hub itself says that it offers, and what Socket.IO has besides: by name, or by path. */
export const offered = (document: string): { readonly names: readonly string[] }[] => {
  const { paths } = JSON.parse(document) as Document;
  const routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.values(methods).map(({ operationId = '' }) => ({ names: [operationId, path] })),
  );
  return [...routes, { names: ['connect'] }, { names: ['subscribe'] }];
};

/** What of it nobody tried. */
export const untried = (document: string, tried: ReadonlySet<string>): string[] => {
  const ids = new Set([...tried].flatMap((name) => [name, idOf(name)]));
  return offered(document)
    .filter(({ names }) => !names.some((name) => ids.has(name)))
    .map(({ names }) => names.join(' '));
};
