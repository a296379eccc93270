import { makeEngine } from './engine.ts';
import type { GraphqlParts } from './graphql-door.ts';
import { makeOverHttp } from './http/over-http.ts';
import type { OverHttp } from './http/over-http.ts';

/** What answers at the door, over each of its transports. */
export interface Serving {
  readonly overHttp: OverHttp;
}

export const makeServing = (parts: GraphqlParts): Serving => {
  const engine = makeEngine();
  return { overHttp: makeOverHttp(engine, parts) };
};
