import { commands, queries, refusals } from '@agentmix/act-contract';
import type { CommandName, QueryName, RefusalCode, Route } from '@agentmix/act-contract';

export { commands, queries, refusals };

/** Commands that no door offers. */
export type InternalCommand = 'session.expire' | 'task.timeout' | 'access.note' | 'owner.admit';
export type RoutedCommand = Exclude<CommandName, InternalCommand>;

export const isRefusalCode = (code: string): code is RefusalCode => Object.hasOwn(refusals, code);
export const isRouted = (name: CommandName): name is RoutedCommand => 'route' in commands[name];

export const routedCommands: RoutedCommand[] = Object.values(commands)
  .map(({ name }) => name)
  .filter(isRouted);
export const queryNames: QueryName[] = Object.values(queries).map(({ name }) => name);

export interface Answer {
  readonly ok: boolean;
  readonly status: number;
  /** The output, or the problem document. */
  readonly body: Record<string, unknown>;
  readonly seq?: number;
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Where REST takes a call, known or not. */
export const routeOf = (name: string): Route => {
  const known: { route?: Route } | undefined = Object.hasOwn(commands, name)
    ? commands[name as CommandName]
    : queries[name as QueryName];
  if (!known?.route) throw new Error(`${name} has no route`);
  return known.route;
};
