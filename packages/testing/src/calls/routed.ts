import { commands, queries } from '@agentmix/act-contract';
import type { CommandName, QueryName } from '@agentmix/act-contract';

/** Commands that no door offers. */
export type InternalCommand =
  | 'session.expire'
  | 'task.timeout'
  | 'access.note'
  | 'owner.admit'
  | 'reservation.expire'
  | 'conflict.expire'
  | 'conflict.contend';
export type RoutedCommand = Exclude<CommandName, InternalCommand>;

export const isRouted = (name: CommandName): name is RoutedCommand => 'route' in commands[name];

export const routedCommands: RoutedCommand[] = Object.values(commands)
  .map(({ name }) => name)
  .filter(isRouted);
export const queryNames: QueryName[] = Object.values(queries).map(({ name }) => name);
