/** A valid call of every row of the contract’s table, and the project that it is valid in. */
export { isRouted, queryNames, routedCommands } from './routed.ts';
export type { InternalCommand, RoutedCommand } from './routed.ts';
export { validCommands, validQueries } from './valid-calls.ts';
export { makeProject, makeWorld, strangersOf } from './world.ts';
export type { Hands, Run, World } from './world.ts';
