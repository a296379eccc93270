import type { z } from 'zod';
import * as access from './commands/access.ts';
import * as agent from './commands/agent.ts';
import * as artifact from './commands/artifact.ts';
import * as branch from './commands/branch.ts';
import * as coordination from './commands/coordination.ts';
import * as phase from './commands/phase.ts';
import * as privacy from './commands/privacy.ts';
import * as reservation from './commands/reservation.ts';
import * as project from './commands/project.ts';
import * as task from './commands/task.ts';
import * as worktree from './commands/worktree.ts';
import * as q from './queries.ts';
import type { Urgency } from './define.ts';
import type { RefusalCode } from './refusals.ts';

const commandModules = {
  ...project,
  ...access,
  ...privacy,
  ...phase,
  ...agent,
  ...task,
  ...coordination,
  ...artifact,
  ...branch,
  ...reservation,
  ...worktree,
};
type AnyCommand = (typeof commandModules)[keyof typeof commandModules];
export type CommandName = AnyCommand['name'];
export type CommandOf<N extends CommandName> = Extract<AnyCommand, { name: N }>;
type AnyQuery = Extract<(typeof q)[keyof typeof q], { kind: 'query' }>;
export type QueryName = AnyQuery['name'];
export type QueryOf<N extends QueryName> = Extract<AnyQuery, { name: N }>;

/** What the core gets: the parsed input. */
export type CommandInput<N extends CommandName> = z.output<CommandOf<N>['input']>;
/** What a caller writes: defaults may be left out. */
export type CommandArguments<N extends CommandName> = z.input<CommandOf<N>['input']>;
export type CommandOutput<N extends CommandName> = z.output<CommandOf<N>['output']>;
export type QueryInput<N extends QueryName> = z.output<QueryOf<N>['input']>;
export type QueryArguments<N extends QueryName> = z.input<QueryOf<N>['input']>;
export type QueryOutput<N extends QueryName> = z.output<QueryOf<N>['output']>;

const isQuery = (value: unknown): value is AnyQuery =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'query';

/** The one table that every door, SDK and document is made from. */
export const commands = Object.fromEntries(Object.values(commandModules).map((one) => [one.name, one])) as {
  readonly [N in CommandName]: CommandOf<N>;
};
export const queries = Object.fromEntries(
  Object.values(q)
    .filter(isQuery)
    .map((one) => [one.name, one]),
) as { readonly [N in QueryName]: QueryOf<N> };

export const urgencyOf = (name: CommandName | QueryName): Urgency => {
  if (!Object.hasOwn(commands, name)) return 'read';
  const command: { readonly urgency?: 'keep' } = commands[name as CommandName];
  return command.urgency ?? 'work';
};

const accessRefusals = [
  'unauthorized',
  'token_needed',
  'key_expired',
  'key_revoked',
  'token_expired',
  'token_invalid',
  'forbidden_host',
  'forbidden_origin',
  'forbidden',
] as const satisfies readonly RefusalCode[];

/** Refusals that any call may meet besides those of its row. */
export const commonCommandRefusals: readonly RefusalCode[] = [
  'invalid_input',
  'malformed_body',
  ...accessRefusals,
  'not_your_agent',
  'project_not_found',
  'project_archived',
  'payload_too_large',
  'unsupported_media_type',
  'idempotency_key_reused',
  'idempotency_key_expired',
  'idempotency_key_ahead',
  'overloaded',
  'unavailable',
  'internal',
];
export const commonQueryRefusals: readonly RefusalCode[] = [
  'invalid_input',
  ...accessRefusals,
  'not_your_agent',
  'project_not_found',
  'overloaded',
  'unavailable',
  'internal',
];
