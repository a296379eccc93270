import { entityTypes, frameTypes, relationTypes, rootFields } from './fields.ts';
import { TypeWriter } from './type-writer.ts';

const SCALARS = `"""Any JSON value"""
scalar JSON
"""A time in UTC, ISO 8601"""
scalar DateTime
"""A whole number of at most 2^53 - 1, which Int cannot hold"""
scalar SafeInt`;

const COMMON = `"""Why a call was refused, as the contract names it"""
interface Refusal {
  code: String!
  title: String!
  detail: String
  """The refusal’s own data, such as the holder"""
  data: JSON
}

type PageInfo {
  hasNextPage: Boolean!
  """Resumes behind this page, as \`after\`; absent where it is empty"""
  endCursor: String
}

"""The answer of what has none: it was done"""
type Done {
  done: Boolean!
}`;

const block = (head: string, fields: readonly string[]): string => `${head} {\n${fields.join('\n')}\n}`;

/** The schema of the GraphQL door, made from the table. */
export const graphqlSchema = (): string => {
  const types = new TypeWriter();
  entityTypes(types);
  const query = block('type Query', rootFields('query', types));
  const mutation = block('type Mutation', rootFields('command', types));
  const extended = relationTypes(types);
  const subscription = block('type Subscription', [
    '  """Events of a project behind a cursor, or from now on, as they are committed. Role: viewer"""\n  events(projectId: ID!, after: String): EventFrame!',
  ]);
  const parts = [
    SCALARS,
    COMMON,
    query,
    mutation,
    subscription,
    frameTypes(),
    ...types.definitions.values(),
    ...extended,
  ];
  return `${parts.join('\n\n')}\n`;
};
