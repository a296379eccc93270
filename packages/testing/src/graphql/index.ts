import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { relations } from '@agentmix/act-contract/graphql';
import type { GraphqlCall } from '@agentmix/act-contract/graphql';
import { buildSchema, getNamedType, isObjectType, isUnionType } from 'graphql';
import type { GraphQLField, GraphQLNamedType } from 'graphql';

const path = createRequire(import.meta.url).resolve('@agentmix/act-contract/schema.graphql');
/** The schema as everyone has it. */
export const graphqlSchema = buildSchema(readFileSync(path, 'utf8'));

/** Everything that a type says of itself, without what it leads to. */
const selectionOf = (type: GraphQLNamedType): string => {
  if (isUnionType(type)) {
    const members = type.getTypes().map((member) => `... on ${member.name} ${selectionOf(member)}`);
    return `{ __typename ${members.join(' ')} }`;
  }
  if (!isObjectType(type)) return '';
  const leading = Object.keys(relations[type.name] ?? {});
  const isPage = type.name.endsWith('Connection');
  const fields = Object.values(type.getFields()).filter(
    ({ name }) => !leading.includes(name) && !(isPage && name === 'edges'),
  );
  return `{ ${fields.map((field) => `${field.name} ${selectionOf(getNamedType(field.type))}`).join(' ')} }`;
};

/** The root field that makes a call. */
export const fieldOf = ({ kind, field: name }: GraphqlCall): GraphQLField<unknown, unknown> => {
  const root = kind === 'command' ? graphqlSchema.getMutationType() : graphqlSchema.getQueryType();
  const field = root?.getFields()[name];
  if (!field) throw new Error(`${name} is no field`);
  return field;
};

/** A document that makes one call, with each of its arguments as a variable. */
export const documentWith = (call: GraphqlCall, selection: string): string => {
  const { args } = fieldOf(call);
  const declared = args.map(({ name, type }) => `$${name}: ${String(type)}`).join(', ');
  const given = args.map(({ name }) => `${name}: $${name}`).join(', ');
  const inParentheses = (text: string): string => (text === '' ? '' : `(${text})`);
  return `${call.kind === 'command' ? 'mutation' : 'query'} ${call.field}${inParentheses(declared)} { ${call.field}${inParentheses(given)} ${selection} }`;
};

const documents = new Map<string, string>();

/** A document that makes one call and asks for everything that REST would answer. */
export const documentOf = (call: GraphqlCall): string => {
  const text = documents.get(call.name) ?? documentWith(call, selectionOf(getNamedType(fieldOf(call).type)));
  documents.set(call.name, text);
  return text;
};
