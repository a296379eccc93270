/** The contract as a graph: its schema as text, and what of it a door needs to answer. */
export { graphqlCalls } from './calls.ts';
export type { GraphqlCall } from './calls.ts';
export { COMMAND_ID, PAGE_SIZE } from './fields.ts';
export { typeName } from './names.ts';
export { lookups, relations } from './relations.ts';
export type { Relation, Target } from './relations.ts';
export { graphqlSchema } from './sdl.ts';
