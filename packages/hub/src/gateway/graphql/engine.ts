import { includesRole } from '@agentmix/act-contract';
import { execute, GraphQLError, OperationTypeNode, subscribe } from 'graphql';
import type { ExecutionArgs, ExecutionResult, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import { roleOf } from '../../access/access.ts';
import type { Bearer } from '../../access/access.ts';
import type { Asker } from './asker.ts';
import { makeDocuments } from './documents.ts';
import type { Documents, Prepared } from './documents.ts';
import { COST_MAX } from './limits/bounds.ts';
import { makeSchema } from './schema/make-schema.ts';
import { makeTurns } from './turns.ts';
import type { TakeTurn } from './turns.ts';

/** The least role that may ask for the schema over the wire; everyone has it as a file. */
const INTROSPECTION_ROLE = 'coordinator';
/** Of one turn of the event loop, for operations to begin in. */
const SLICE_MS = 5;

/** What a caller sent, in the form of the specification. */
export interface Parameters {
  readonly query: string;
  readonly operationName?: string | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | undefined;
}

/** An operation that may run. */
export interface Operation extends Prepared {
  readonly node: OperationDefinitionNode;
  readonly variables: Readonly<Record<string, unknown>>;
}

export interface Engine {
  readonly schema: GraphQLSchema;
  readonly documents: Documents;
  /** To be awaited before an operation is prepared and run. */
  readonly takeTurn: TakeTurn;
  /** Finds the operation, or says why it cannot run. Nothing of it has run then. */
  readonly prepare: (bearer: Bearer, parameters: Parameters) => Operation | readonly GraphQLError[];
  readonly run: (operation: Operation, asker: Asker) => Promise<ExecutionResult>;
  /** Results as they come, or why there are none. */
  readonly follow: (
    operation: Operation,
    asker: Asker,
  ) => Promise<AsyncGenerator<ExecutionResult, void, void> | ExecutionResult>;
  /** What the library needs to run it. */
  readonly executionOf: (operation: Operation, asker: Asker) => ExecutionArgs;
}

const invalid = (message: string): readonly GraphQLError[] => [new GraphQLError(message)];

const pick = ({ operations }: Prepared, name: string | undefined): OperationDefinitionNode | string => {
  const [first, second] = operations;
  if (name === undefined) {
    if (second) return 'a document of several operations needs operationName';
    return first ?? 'the document has no operation';
  }
  return operations.find((node) => node.name?.value === name) ?? 'the document has no operation of this name';
};

/** The schema, its documents, and how operations run; made when somebody asks for the first time. */
export const makeEngine = async (): Promise<Engine> => {
  const schema = await makeSchema();
  const documents = makeDocuments(schema);
  const executionOf: Engine['executionOf'] = ({ document, node, variables }, asker) => ({
    schema,
    document,
    contextValue: asker,
    variableValues: variables,
    operationName: node.name?.value,
  });
  return {
    schema,
    documents,
    takeTurn: makeTurns(SLICE_MS),
    prepare: (bearer, { query, operationName, variables = {} }) => {
      const mayIntrospect = includesRole(roleOf(bearer), INTROSPECTION_ROLE);
      const prepared = documents.prepare(query, mayIntrospect);
      if (!('document' in prepared)) return prepared;
      const node = pick(prepared, operationName);
      if (typeof node === 'string') return invalid(node);
      const cost = prepared.weigh(node, variables);
      if (cost > COST_MAX)
        return invalid(`the answer may have ${Math.round(cost)} objects; at most ${COST_MAX} are given`);
      return { ...prepared, node, variables };
    },
    run: async (operation, asker) => execute(executionOf(operation, asker)),
    follow: async (operation, asker) => subscribe(executionOf(operation, asker)),
    executionOf,
  };
};

export const isSubscription = ({ node }: Operation): boolean =>
  node.operation === OperationTypeNode.SUBSCRIPTION;
export const isMutation = ({ node }: Operation): boolean => node.operation === OperationTypeNode.MUTATION;
