import { COMMAND_ID, PAGE_SIZE } from '@agentmix/act-contract/graphql';
import type { GraphqlCall } from '@agentmix/act-contract/graphql';
import { getNullableType, isInputObjectType, isListType } from 'graphql';
import type { GraphQLField, GraphQLInputType } from 'graphql';

type Fields = Readonly<Record<string, unknown>>;
export interface CallArguments {
  readonly projectId?: unknown;
  readonly commandId?: unknown;
  readonly input: Fields;
}

/** Absent and null are the same to GraphQL’s clients, and only absent is to the contract; in JSON null is a value. */
const withoutNulls = (type: GraphQLInputType, value: unknown): unknown => {
  const inner = getNullableType(type);
  if (isListType(inner))
    return Array.isArray(value) ? value.map((item) => withoutNulls(inner.ofType, item)) : value;
  if (!isInputObjectType(inner) || typeof value !== 'object' || value === null) return value;
  const fields = inner.getFields();
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, one]) =>
      one === null ? [] : [[name, withoutNulls(fields[name]?.type ?? inner, one)]],
    ),
  );
};

const isJson = (type: GraphQLInputType): boolean => String(type) === 'JSON';

/** Reads the arguments of a call’s field as the contract’s input. */
export const makeArgumentReader = (
  call: GraphqlCall,
  { args: declared }: Pick<GraphQLField<unknown, unknown>, 'args'>,
): ((given: Fields) => CallArguments) => {
  const isPage = call.cursor !== undefined;
  const inputName = (name: string): string =>
    isPage && name === PAGE_SIZE.argument ? PAGE_SIZE.input : name;
  return (given) => {
    const input: Record<string, unknown> = isPage ? { [PAGE_SIZE.input]: PAGE_SIZE.items } : {};
    for (const { name, type } of declared) {
      const value = given[name];
      if (value === undefined || (value === null && !isJson(type))) continue;
      input[inputName(name)] = withoutNulls(type, value);
    }
    const { [COMMAND_ID]: commandId, ...rest } = input;
    if (!call.isOfProject) return { commandId, input: rest };
    const { projectId, ...own } = rest;
    return { projectId, commandId, input: own };
  };
};
