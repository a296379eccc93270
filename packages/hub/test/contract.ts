import { commands, queries, refusals } from '@agentmix/act-contract';
import type { CommandName, QueryName, RefusalCode, Route } from '@agentmix/act-contract';

export { commands, queries, refusals };
export { queryNames, routedCommands } from '@agentmix/act-testing/calls';
export type { RoutedCommand } from '@agentmix/act-testing/calls';

export const isRefusalCode = (code: string): code is RefusalCode => Object.hasOwn(refusals, code);

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
